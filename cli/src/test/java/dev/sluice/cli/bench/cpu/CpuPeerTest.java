package dev.sluice.cli.bench.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

class CpuPeerTest {
  @Test
  void readsALineBehindTheColoursOfABuild() {
    String output = "\u001b[0m\u001b[0mmatmul 64x64x64 threads 2: ms 0.010 (0.008-0.020)\n";
    assertEquals(Map.of("matmul 64x64x64 threads 2", 8e-6), CpuPeer.fastest(output));
  }

  @Test
  void readsTheFastestTimes() {
    String output =
        """
        matmul 64x64x64 threads 2: ms 0.010 (0.008-0.020) GFLOP/s 69.0 (30.0-80.0)
        agreement of chunked and recurrent: max difference 1.00e-06 of max 3.00
        chunk forward+backward B1 T2048 threads 2 (3x flops): ms 12.100 (11.900-13.000) GFLOP/s 1.0 (0.9-1.1)
          step ms 115.000 (110.000-134.000) tokens/s 35617.0 (30567.0-37236.0)
        """;
    assertEquals(
        Map.of(
            "matmul 64x64x64 threads 2",
            8e-6,
            "chunk forward+backward B1 T2048 threads 2 (3x flops)",
            11.9e-3,
            "",
            0.11),
        CpuPeer.fastest(output));
  }
}
