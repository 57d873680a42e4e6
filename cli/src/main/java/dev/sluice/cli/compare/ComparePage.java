package dev.sluice.cli.compare;

import dev.sluice.cli.bench.BenchTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.function.ToDoubleFunction;

/// A comparison as one HTML page that needs nothing else: devices, charts, and all figures.
final class ComparePage {
  private static final String STYLE =
      """
      body { font: 15px/1.45 sans-serif; color: #222; max-width: 960px; margin: 2em auto; padding: 0 1em }
      table { border-collapse: collapse; font-size: 13px; margin: 1em 0 }
      td, th { padding: 2px 10px 2px 0; text-align: left; border-bottom: 1px solid #ddd; vertical-align: top }
      td.n { text-align: right; white-space: nowrap } .bad { color: #b00020; font-weight: bold }
      svg { display: block; margin: 1em 0; max-width: 100%; height: auto }
      .key { display: inline-block; width: 12px; height: 12px; margin: 0 6px 0 14px }
      """;

  private final CompareFile file;
  private final List<Agreement> judged;
  private final List<String> series;
  private final StringBuilder html = new StringBuilder();

  private ComparePage(CompareFile file) {
    this.file = file;
    this.judged = Agreement.judge(file.entries());
    this.series = judged.stream().map(a -> a.entry().series()).distinct().toList();
  }

  /// The page.
  static String of(CompareFile file) {
    return new ComparePage(file).write();
  }

  private String write() {
    long bad = judged.stream().filter(a -> !a.agrees()).count();
    html.append("<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>\n")
        .append("<meta name='viewport' content='width=device-width'>\n")
        .append("<title>Sluice: devices compared</title>\n<style>\n")
        .append(STYLE)
        .append("</style></head><body>\n<h1>Devices compared</h1>\n<p>")
        .append(
            "%d results on %d device%s; %s</p>\n"
                .formatted(
                    judged.size(),
                    file.devices().size(),
                    file.devices().size() == 1 ? "" : "s",
                    bad == 0
                        ? "all agree."
                        : "<span class='bad'>%d do not agree or failed.</span>".formatted(bad)));
    devices();
    legend();
    chart(
        new BarChart("Time of a run (shorter is faster; logarithmic)", true, BenchTable::seconds),
        a -> a.entry().timing() == null ? Double.NaN : a.entry().timing().median());
    chart(
        new BarChart(
            "Part of what the device can do, of multiply-adds or of copied bytes",
            false,
            ComparePage::percent),
        a -> a.entry().ofCeiling());
    chart(
        new BarChart("First run, compilation included (logarithmic)", true, BenchTable::seconds),
        a -> a.entry().first());
    chart(
        new BarChart(
            "Numerical difference from the first of the same work (logarithmic)",
            true,
            value -> String.format(Locale.ROOT, "%.0e", value)),
        Agreement::difference);
    losses();
    figures();
    return html.append("</body></html>\n").toString();
  }

  private void devices() {
    html.append("<h2>Devices</h2>\n<table>\n");
    file.devices()
        .forEach((label, machine) -> {
          html.append("<tr><th>").append(Html.escape(label)).append("</th><td>");
          machine.forEach((key, value) ->
              html.append(Html.escape(key.replace('_', ' ')))
                  .append(": ")
                  .append(Html.escape(shown(value)))
                  .append("<br>"));
          html.append("</td></tr>\n");
        });
    html.append("</table>\n");
  }

  private static String shown(Object value) {
    return value instanceof Double number
        ? String.format(Locale.ROOT, "%.4g", number)
        : String.valueOf(value);
  }

  private void legend() {
    html.append("<h2>Charts</h2>\n<p>");
    for (int i = 0; i < series.size(); i++) {
      html.append(
          "<span class='key' style='background:%s'></span>%s"
              .formatted(
                  BarChart.COLOURS.get(i % BarChart.COLOURS.size()), Html.escape(series.get(i))));
    }
    html.append("</p>\n");
  }

  private void chart(BarChart chart, ToDoubleFunction<Agreement> value) {
    SequencedMap<String, double[]> groups = new LinkedHashMap<>();
    for (Agreement agreement : judged) {
      CompareEntry entry = agreement.entry();
      double[] values =
          groups.computeIfAbsent(
              entry.work(),
              work -> {
                double[] none = new double[series.size()];
                Arrays.fill(none, Double.NaN);
                return none;
              });
      values[series.indexOf(entry.series())] = value.applyAsDouble(agreement);
    }
    html.append(chart.svg(groups, series));
  }

  private void losses() {
    SequencedMap<String, SequencedMap<String, List<Double>>> models = new LinkedHashMap<>();
    for (CompareEntry entry : file.entries()) {
      if (!entry.losses().isEmpty()) {
        models
            .computeIfAbsent(entry.work(), work -> new LinkedHashMap<>())
            .put(entry.series(), entry.losses());
      }
    }
    models.forEach(
        (work, lines) -> html.append(LineChart.svg("Loss by step: " + work, lines, series)));
  }

  private void figures() {
    html.append("<h2>Figures</h2>\n<table>\n<tr>");
    CompareTable.HEAD.forEach(name -> html.append("<th>").append(name).append("</th>"));
    html.append("</tr>\n");
    for (Agreement agreement : judged) {
      List<String> line = new ArrayList<>(CompareTable.line(agreement));
      html.append("<tr>");
      for (int i = 0; i < line.size(); i++) {
        boolean bad = i == line.size() - 1 && !agreement.agrees();
        String kind = bad ? " class='bad'" : i < CompareTable.NAMES ? "" : " class='n'";
        html.append("<td%s>".formatted(kind)).append(Html.escape(line.get(i))).append("</td>");
      }
      html.append("</tr>\n");
    }
    html.append("</table>\n");
  }

  private static String percent(double part) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * part);
  }
}
