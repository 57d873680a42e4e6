package uk.ac.manchester.tornado.api.enums;

/// Tile sizes of one warp-wide matrix product `D[M,N] = A[M,K]·B[K,N] + C[M,N]`.
public enum MMAShape {
  /// 16 × 8 × 16, 16-bit elements.
  M16N8K16("m16n8k16"),
  /// 16 × 8 × 32, 8-bit elements.
  M16N8K32("m16n8k32");

  private final String ptxName;

  MMAShape(String ptxName) {
    this.ptxName = ptxName;
  }

  /// @return the name in PTX assembly
  public String getPtxName() {
    return ptxName;
  }
}
