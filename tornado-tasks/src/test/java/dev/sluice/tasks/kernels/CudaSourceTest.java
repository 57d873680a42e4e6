package dev.sluice.tasks.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid2D;

/// Sources as TornadoVM makes them.
final class CudaSourceTest {
  private static final String HEAD =
      "extern \"C\" __global__ void twice(long long *_kernel_context, unsigned char *x)\n";
  private static final String SOURCE =
      HEAD
          + """
          {
            unsigned long long ul_0, ul_3, ul_7;\s
            long long l_2;\s
            // BLOCK 0
            ul_0  =  (unsigned long long) x;
            ul_7  =  i_1 & 4294967295UL;
            ul_3  =  ul_0 + l_2;
            f_4  =  *(( float *) ul_3);
            ((float *) ((char *) ul_0 + 16u))[__idx0] = mma_acc_f_5[0];
          }
          """;

  private static WorkerGrid groups(long items) {
    WorkerGrid grid = new WorkerGrid2D(4096, 1);
    grid.setLocalWork(items, 1, 1);
    return grid;
  }

  @Test
  void addressesBecomePointersAndNumbersStay() {
    String expected =
        HEAD
            + """
            {
              char *ul_0; char *ul_3; unsigned long long ul_7;\s
              long long l_2;\s
              // BLOCK 0
              ul_0  =  (char *) __builtin_assume_aligned(x, 16);
              ul_7  =  i_1 & 4294967295UL;
              ul_3  =  ul_0 + l_2;
              f_4  =  *(( float *) ul_3);
              ((float *) ((char *) ul_0 + 16u))[__idx0] = mma_acc_f_5[0];
            }
            """;
    assertEquals(expected, CudaSource.of(SOURCE, null, 0));
  }

  @Test
  void anAddressThatIsUsedOtherwiseLeavesThemAll() {
    for (String use : new String[] {"l_9  =  (long long) ul_3;", "ul_9  =  ul_7 + ul_3;"}) {
      String source = SOURCE.replace("f_4  =  *(( float *) ul_3);", use);
      assertEquals(source, CudaSource.of(source, null, 0));
    }
  }

  @Test
  void groupsAreSaidWhereTheyAreKnown() {
    assertTrue(CudaSource.of(SOURCE, groups(512), 0).contains("void __launch_bounds__(512) twice"));
    assertTrue(CudaSource.of(SOURCE, groups(512), 1024).contains("__launch_bounds__(512, 2) t"));
    assertTrue(CudaSource.of(SOURCE, groups(512), 256).contains("__launch_bounds__(512) t"));
    assertFalse(CudaSource.of(SOURCE, new WorkerGrid2D(8, 8), 0).contains("bounds"));
  }

  @Test
  void roundingIsOneInstruction() {
    String rounding =
        "  sh_9  =  (f_4 != f_4) ? (short) 0x7FC0 : (short) ((__float_as_uint(f_4) + 1U) >> 16);\n";
    String better = CudaSource.of(SOURCE.replace("  // BLOCK 0\n", rounding), null, 0);
    assertTrue(better.startsWith("static __device__ __forceinline__ short sluice_bfloat16"));
    assertTrue(better.contains("\n  sh_9  =  sluice_bfloat16(f_4);\n"));
    assertFalse(CudaSource.of(SOURCE, null, 0).contains("sluice_bfloat16"));
  }

  @Test
  void whatIsNoKernelIsLeft() {
    assertEquals("", CudaSource.of("", null, 0));
    assertEquals(".visible .entry twice", CudaSource.of(".visible .entry twice", null, 0));
  }
}
