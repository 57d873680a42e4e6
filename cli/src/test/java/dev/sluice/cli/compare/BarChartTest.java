package dev.sluice.cli.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// A chart has room for its names and for what its bars say.
final class BarChartTest {
  private static final int WIDTH = 900;
  private static final double NARROWEST_CHARACTER = 5.6;

  @Test
  void namesAndBarsStayWithinThePicture() {
    SequencedMap<String, double[]> groups = new LinkedHashMap<>();
    String name = "depthwise_convolution forward+backward B1 T128 H4 K64 V64";
    groups.put(name, new double[] {1e-5, 3.0});
    groups.put("rotary", new double[] {2e-3, Double.NaN});
    String svg = new BarChart("Time", true, v -> v + " s").svg(groups, List.of("a", "b"));
    Matcher names = Pattern.compile("<text x='(\\d+)' y='\\d+' text-anchor='end'>").matcher(svg);
    while (names.find()) {
      assertTrue(Integer.parseInt(names.group(1)) > NARROWEST_CHARACTER * name.length(), svg);
    }
    Matcher bars = Pattern.compile("<rect x='(\\d+)' y='\\d+' width='([0-9.]+)'").matcher(svg);
    int count = 0;
    while (bars.find()) {
      double end = Double.parseDouble(bars.group(1)) + Double.parseDouble(bars.group(2));
      assertTrue(end <= WIDTH - 60, svg);
      count++;
    }
    assertEquals(3, count);
  }

  /// Work without a bar takes no room, and colours that begin anew are told apart.
  @Test
  void groupsWithoutBarsTakeNoRoom() {
    SequencedMap<String, double[]> one = new LinkedHashMap<>();
    one.put("gla", new double[] {1});
    SequencedMap<String, double[]> more = new LinkedHashMap<>(one);
    more.put("rotary", new double[] {Double.NaN});
    BarChart chart = new BarChart("Part", false, v -> v + "");
    assertEquals(chart.svg(one, List.of("a")), chart.svg(more, List.of("a")));
    int colours = BarChart.COLOURS.size();
    assertEquals(BarChart.colour(0), BarChart.colour(colours));
    assertNotEquals(BarChart.opacity(0), BarChart.opacity(colours));
  }
}
