package dev.sluice.tasks.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

/// A failed call of the driver is found among what TornadoVM writes.
final class RuntimeReportTest {
  private static final String STARTED =
      "Task info: step.a_0\n\tBackend : CUDA\n\tDims : 1\n\nTask info: step.b_1\n\tDims : 2\n\n";

  @Test
  void theTaskBeforeTheFirstErrorIsNamed() {
    RuntimeReport report =
        RuntimeReport.of(
            STARTED
                + "[TornadoVM-CUDA-JNI] ERROR : cuLaunchKernel -> Returned: 701 (OUT_OF_RESOURCES)\n"
                + "Task info: step.c_2\n\tDims : 1\n\n"
                + "[TornadoVM-CUDA-JNI] ERROR : cuMemFree -> Returned: 700 (X)\n");
    assertEquals("cuLaunchKernel returned 701 (OUT_OF_RESOURCES)", report.error());
    assertEquals("step.b_1", report.task());
    assertEquals("", report.rest());
  }

  @Test
  void errorsOfEachBackendAreFound() {
    assertEquals(
        "clEnqueueNDRangeKernel returned -54",
        RuntimeReport.of("[TornadoVM-OCL-JNI] ERROR : clEnqueueNDRangeKernel -> Returned: -54\n")
            .error());
    assertEquals(
        "cuLaunchKernel returned 1",
        RuntimeReport.of("\t[TornadoVM-PTX-JNI] ERROR : cuLaunchKernel -> Returned: 1\n").error());
  }

  @Test
  void whatTheMeterOfPowerSaysIsNoFailure() {
    assertNull(
        RuntimeReport.of("\t[TornadoVM-PTX-NVML-JNI] ERROR : init -> Returned: 9\n").error());
  }

  @Test
  void otherLinesAreHandedOn() {
    assertEquals("{\"a\": 1}\n\tb", RuntimeReport.of(STARTED + "{\"a\": 1}\n\tb").rest());
  }
}
