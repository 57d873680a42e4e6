package dev.sluice.cli.compare;

import dev.sluice.cli.bench.BenchTable;
import dev.sluice.cli.bench.Machine;
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
      :root { color-scheme: light dark; --text: #222; --page: #fff; --line: #ddd; --bad: #b00020 }
      @media (prefers-color-scheme: dark) { :root { --text: #ddd; --page: #16181c; --line: #3a3d44; --bad: #ff6b7d } }
      body { font: 15px/1.45 sans-serif; color: var(--text); background: var(--page); max-width: 960px; margin: 2em auto; padding: 0 1em }
      .wide { overflow-x: auto; margin: 1em 0 }
      table { border-collapse: collapse; font-size: 13px }
      td, th { padding: 2px 10px 2px 0; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top }
      td.n, th.n { text-align: right } td.n { white-space: nowrap } .bad { color: var(--bad); font-weight: bold }
      svg { display: block; max-width: 100%; min-width: 640px; height: auto }
      .series { display: inline-block; margin-right: 14px }
      .key { display: inline-block; width: 12px; height: 12px; margin-right: 6px }
      """;

  private final CompareFile file;
  private final List<Agreement> judged;
  private final List<String> series;
  private final StringBuilder html = new StringBuilder();

  private ComparePage(CompareFile file) {
    this.file = file;
    this.judged = Agreement.judge(file.ofKnownCeilings());
    this.series = judged.stream().map(a -> a.entry().series()).distinct().toList();
  }

  /// The page.
  static String of(CompareFile file) {
    return new ComparePage(file).write();
  }

  private String write() {
    long bad = judged.stream().filter(a -> !a.agrees()).count();
    html.append("<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>\n")
        .append("<meta name='viewport' content='width=device-width, initial-scale=1'>\n")
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
    html.append("<h2>Devices</h2>\n<div class='wide'><table>\n");
    file.devices()
        .forEach((label, machine) -> {
          html.append("<tr><th>").append(Html.escape(label)).append("</th><td>");
          machine.forEach(
              (key, value) -> html.append(Html.escape(Machine.shown(key, value))).append("<br>"));
          if (file.exceedsPeak(label)) {
            html.append(Html.escape(CompareFile.NO_PEAK)).append("<br>");
          }
          html.append("</td></tr>\n");
        });
    html.append("</table></div>\n");
  }

  private void legend() {
    html.append("<h2>Charts</h2>\n<p>");
    for (int i = 0; i < series.size(); i++) {
      html.append(
          "<span class='series'><span class='key' style='background:%s;opacity:%s'></span>%s</span> "
              .formatted(BarChart.colour(i), BarChart.opacity(i), Html.escape(series.get(i))));
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
    wide(chart.svg(groups, series));
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
    models.forEach((work, lines) -> wide(LineChart.svg("Loss by step: " + work, lines, series)));
  }

  /// A picture that is moved sideways where the window is narrower than its letters can bear.
  private void wide(String svg) {
    if (!svg.isEmpty()) {
      html.append("<div class='wide'>").append(svg).append("</div>\n");
    }
  }

  private void figures() {
    html.append("<h2>Figures</h2>\n<div class='wide'><table>\n<tr>");
    for (int i = 0; i < CompareTable.HEAD.size(); i++) {
      boolean figure = i >= CompareTable.NAMES && i < CompareTable.HEAD.size() - 1;
      html.append(figure ? "<th class='n'>" : "<th>")
          .append(CompareTable.HEAD.get(i))
          .append("</th>");
    }
    html.append("</tr>\n");
    for (Agreement agreement : judged) {
      List<String> line = new ArrayList<>(CompareTable.line(agreement));
      html.append("<tr>");
      for (int i = 0; i < line.size(); i++) {
        boolean verdict = i == line.size() - 1;
        boolean bad = verdict && !agreement.agrees();
        String kind = bad ? " class='bad'" : verdict || i < CompareTable.NAMES ? "" : " class='n'";
        html.append("<td%s>".formatted(kind)).append(Html.escape(line.get(i))).append("</td>");
      }
      html.append("</tr>\n");
    }
    html.append("</table></div>\n");
  }

  private static String percent(double part) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * part);
  }
}
