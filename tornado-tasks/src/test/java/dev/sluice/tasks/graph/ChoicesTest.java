package dev.sluice.tasks.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.device.Feature;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChoicesTest {
  private static final String OP = "op";
  private static final Device JVM = Devices.preferred().without(Feature.VECTOR_API);

  private enum Form implements Implementation {
    FAST(false, true),
    COSTLY(true, false),
    PLAIN(true, true);

    private final boolean runs;
    private final boolean pays;

    Form(boolean runs, boolean pays) {
      this.runs = runs;
      this.pays = pays;
    }

    @Override
    public String id() {
      return name();
    }

    @Override
    public boolean runsOn(Device device) {
      return runs || device.has(Feature.VECTOR_API);
    }

    @Override
    public boolean paysOn(Device device) {
      return pays;
    }
  }

  private static Form forced(String name) {
    return Choices.forcing(Map.of(OP, name)).choose(OP, JVM, Form.class);
  }

  @Test
  void takesTheFirstThatRunsAndPays() {
    Choices choices = Choices.automatic();
    assertEquals(Form.PLAIN, choices.choose(OP, JVM, Form.class));
    assertEquals(Map.of(OP, "PLAIN"), choices.made());
    assertEquals(Form.FAST, choices.choose(OP, JVM.with(Feature.VECTOR_API), Form.class));
  }

  @Test
  void takesWhatIsForcedThoughItDoesNotPay() {
    assertEquals(Form.COSTLY, forced("COSTLY"));
  }

  @Test
  void refusesWhatDoesNotRunOrIsUnknown() {
    for (String name : new String[] {"FAST", "FASTER"}) {
      String message = assertThrows(ChoiceException.class, () -> forced(name)).getMessage();
      assertTrue(message.contains("'" + name + "'"), message);
      assertTrue(message.contains("COSTLY, PLAIN"), message);
    }
  }

  @Test
  void namesTheOpsThatThereAre() {
    Choices choices = Choices.forcing(Map.of("sums", "PLAIN"));
    choices.choose(OP, JVM, Form.class);
    String message = assertThrows(ChoiceException.class, choices::expectAllUsed).getMessage();
    assertTrue(message.contains("'sums'") && message.endsWith("there are " + OP), message);
  }
}
