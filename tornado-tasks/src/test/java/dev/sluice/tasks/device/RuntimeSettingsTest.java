package dev.sluice.tasks.device;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What TornadoVM is told, and which TornadoVM is taken.
final class RuntimeSettingsTest {
  @ParameterizedTest
  @CsvSource({"4GB, 4294967296", "512mb, 536870912", "3KB, 3072", "85899345920, 85899345920"})
  void sizesAreReadAsTornadoVmDoes(String text, long bytes) {
    assertEquals(bytes, RuntimeSettings.bytes(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"much", "B", "GB", "", "-1GB", "1.5GB"})
  void otherTextIsNoSize(String text) {
    assertThrows(IllegalArgumentException.class, () -> RuntimeSettings.bytes(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"5.2.0-jdk25", "5.2", "5.10.1-jdk25", "6.0.0-dev"})
  void versionsFromFiveTwoOnAreTaken(String version) {
    assertDoesNotThrow(() -> RuntimeCheck.expectVersion(version));
  }

  @ParameterizedTest
  @ValueSource(strings = {"5.1.9-jdk25", "4.0.0", "1.0.7-dev"})
  void earlierVersionsAreRefused(String version) {
    var refusal = assertThrows(DeviceException.class, () -> RuntimeCheck.expectVersion(version));
    assertTrue(refusal.getMessage().contains(version), refusal.getMessage());
  }

  @Test
  void kernelsThatDoNotCompileNeverRunAsPlainJava() {
    String property = "tornado.recover.bailout";
    try {
      RuntimeSettings.neverBailOut();
      assertEquals("False", System.getProperty(property));
      System.setProperty(property, "True");
      var refusal =
          assertThrows(IllegalArgumentException.class, RuntimeSettings::neverBailOut).getMessage();
      assertTrue(refusal.contains(property) && refusal.contains("leave it out"), refusal);
    } finally {
      System.clearProperty(property);
    }
  }

  @Test
  void theEmbeddedRuntimeIsToldNothing() {
    RuntimeSettings.apply();
    assertEquals(null, System.getProperty("tornado.device.memory"));
  }
}
