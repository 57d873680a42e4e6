package dev.sluice.tasks.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Devices;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task1;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// What is said of a failure on a device fits on one line.
final class DeviceFailureTest {
  @Test
  void causesAreToldOnceWithoutColoursAndLineBreaks() {
    Throwable cause = new IllegalStateException("\u001B[31mno room\u001B[0m\n  on the device");
    Throwable failure = new IllegalStateException("Bailout is disabled.", new Error(cause));
    assertEquals(
        "Bailout is disabled.: java.lang.IllegalStateException: no room on the device",
        DeviceFailure.reason(failure));
  }

  @Test
  void aFailureWithoutAMessageIsNamed() {
    assertEquals("NullPointerException", DeviceFailure.reason(new NullPointerException()));
  }

  @Test
  void aLongReasonIsCut() {
    assertTrue(DeviceFailure.reason(new Error("x".repeat(1000))).length() < 310);
  }

  @Test
  void aRefusedKernelIsNamed() {
    Throwable refused =
        new IllegalStateException(
            "Unable to compile task step.t0 - flat The internal error is: line 1: no such type");
    assertEquals(
        "kernel KernelMethodTest.flat of 'node' in graph 'step' does not compile for jvm (JVM): "
            + "line 1: no such type; "
            + "SLUICE_JAVA_OPTIONS=-Dtornado.printKernel=True shows its source",
        message("", refused));
  }

  @Test
  void aRefusedKernelOfOursIsNamed() {
    Throwable refused =
        new IllegalStateException(
            "Unable to compile task - step.t0[flat] The internal error is: line 1: no such type");
    assertTrue(
        message("", refused).startsWith("kernel KernelMethodTest.flat of 'node' in graph 'step'"));
  }

  @Test
  void aKernelThatIsNotStartedIsNamed() {
    assertEquals(
        "kernel KernelMethodTest.flat of 'node' in graph 'step' failed on jvm (JVM): "
            + "cuLaunchKernel returned 701",
        message(
            "Task info: step.t0\n\n[TornadoVM-X-JNI] ERROR : cuLaunchKernel -> Returned: 701\n",
            null));
  }

  /// A device that is lost refuses every kernel that comes after.
  @Test
  void aLostDeviceIsNotToldAsAKernelThatDoesNotCompile() {
    String lost =
        message(
            "[TornadoVM-X-JNI] ERROR : cuMemcpyHtoDAsync -> Returned: 719 (LAUNCH_FAILED)\n",
            new IllegalStateException("Unable to compile task step.t0 - flat"));
    assertTrue(lost.startsWith("graph 'step' failed on jvm (JVM): "), lost);
    assertTrue(lost.endsWith("cuMemcpyHtoDAsync returned 719 (LAUNCH_FAILED)"), lost);
    String refused =
        message(
            "[TornadoVM-X-JNI] ERROR : cuModuleLoadDataEx -> Returned: 218\n",
            new IllegalStateException("Unable to compile task step.t0 - flat"));
    assertTrue(refused.contains("does not compile"), refused);
  }

  @Test
  void whatTornadoVmSaysOfItselfIsLeftOut() {
    assertEquals(
        "cuGraphLaunch failed",
        DeviceFailure.reason(
            new IllegalStateException("Bailout is disabled. \nReason: cuGraphLaunch failed")));
  }

  @Test
  void aCopyThatFailedIsNamed() {
    RuntimeReport report =
        RuntimeReport.of("[TornadoVM-X-JNI] ERROR : cuMemcpyDtoHAsync -> Returned: 719\n");
    String text = DeviceFailure.ofCopy(Devices.preferred(), report).getMessage();
    assertTrue(text.startsWith("a copy from jvm (") && text.endsWith("Async returned 719"), text);
  }

  @Test
  void aFailureWithoutAKernelNamesTheGraph() {
    assertEquals(
        "graph 'step' failed on jvm (JVM): gone", message("", new IllegalStateException("gone")));
  }

  private static String message(String output, @Nullable Throwable thrown) {
    KernelMethod kernel = KernelMethod.of((Task1<IntArray>) KernelMethodTest::flat);
    var entry = new TaskEntry("t0", "node", Grid.PARALLEL, kernel, List.of(), (graph, id) -> {});
    Device jvm = Devices.preferred();
    String text =
        new DeviceFailure(jvm, new Segment("step", List.of(entry)))
            .of(RuntimeReport.of(output), thrown)
            .getMessage();
    return text.replace(jvm.toString(), "jvm (JVM)");
  }
}
