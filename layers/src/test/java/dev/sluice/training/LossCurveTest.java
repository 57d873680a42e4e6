package dev.sluice.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

class LossCurveTest {
  @TempDir Path folder;

  @Test
  void pictureHasBothCurvesAndALegend() throws Exception {
    List<LogEntry> entries = run(100);
    Path path = LossCurve.write(folder, "mqar, a & b <c>", entries);
    Document picture = parse(Files.readString(path));
    assertEquals("mqar, a & b <c>", texts(picture).getFirst());
    assertTrue(texts(picture).containsAll(List.of("step", "loss", "training", "held out", "0")));
    assertEquals(2, picture.getElementsByTagName("polyline").getLength());
    assertEquals(10, picture.getElementsByTagName("circle").getLength());
  }

  @Test
  void everythingIsInsideTheFrame() throws Exception {
    Document picture = parse(LossCurve.svg("x", run(100)));
    for (int line = 0; line < 2; line++) {
      Element element = (Element) picture.getElementsByTagName("polyline").item(line);
      for (String point : element.getAttribute("points").split(" ")) {
        double x = Double.parseDouble(point.split(",")[0]);
        double y = Double.parseDouble(point.split(",")[1]);
        assertTrue(x >= 72 && x <= 776 && y >= 56 && y <= 424, point);
      }
    }
  }

  @Test
  void longRunsAreAveraged() throws Exception {
    Document picture = parse(LossCurve.svg("x", run(50_000)));
    Element line = (Element) picture.getElementsByTagName("polyline").item(0);
    assertTrue(line.getAttribute("points").split(" ").length <= 1000);
    assertEquals(0, picture.getElementsByTagName("circle").getLength());
  }

  @Test
  void degenerateRunsGiveAPicture() throws Exception {
    LogEntry broken = LogEntry.ofTraining(2, 0, Double.POSITIVE_INFINITY, 1, 1, 1);
    LogEntry zero = LogEntry.ofTraining(1, 0, 0, 1, 1, 1);
    LogEntry huge = LogEntry.ofTraining(3, 0, 1e30, 1, 1, 1);
    for (List<LogEntry> entries :
        List.of(
            List.<LogEntry>of(),
            List.of(zero),
            List.of(zero, broken),
            List.of(zero, huge),
            List.of(LogEntry.ofTraining(0, 0, 2.5, 1, 1, 1)))) {
      String svg = LossCurve.svg("control \u0001 character", entries);
      parse(svg);
      assertFalse(svg.contains("NaN"), svg);
      assertFalse(svg.contains("Infinity"), svg);
      assertFalse(texts(parse(svg)).contains("held out"));
    }
  }

  @Test
  void axisHasRoundTicks() {
    Axis losses = Axis.over(0.13, 5.62, true);
    assertEquals(List.of(0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0), losses.ticks());
    assertEquals("3", losses.label(3));
    Axis fine = Axis.over(1.23, 1.31, true);
    assertEquals("1.24", fine.label(fine.ticks().get(1)));
    Axis steps = Axis.over(0, 430, false);
    assertEquals(430, steps.high());
    assertEquals(List.of(0.0, 100.0, 200.0, 300.0, 400.0), steps.ticks());
  }

  private static List<LogEntry> run(int steps) {
    List<LogEntry> entries = new ArrayList<>();
    for (int step = 1; step <= steps; step++) {
      double loss = 5.5 * Math.exp(-4.0 * step / steps) + 0.1 * Math.sin(step * 12.9898) + 0.2;
      entries.add(
          new LogEntry(
              step, step, loss, 1e-3, 1, 1, step % 10 == 0 ? loss + 0.2 : Double.NaN, Double.NaN));
    }
    return entries;
  }

  private static List<String> texts(Document picture) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < picture.getElementsByTagName("text").getLength(); i++) {
      texts.add(picture.getElementsByTagName("text").item(i).getTextContent());
    }
    return texts;
  }

  private static Document parse(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(svg)));
  }
}
