package dev.sluice.embedded;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.BFloat16Array;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Kernels whose threads work together, for [ContextTest].
final class ContextKernels {

  static final int TILE_INTS = 128;

  private ContextKernels() {}

  static void indices(KernelContext c, IntArray out) {
    int at = c.globalIdx + c.globalGroupSizeX * (c.globalIdy + c.globalGroupSizeY * c.globalIdz);
    int local = c.localIdx + c.localGroupSizeX * (c.localIdy + c.localGroupSizeY * c.localIdz);
    Integer group = c.groupIdx;
    out.set(at, group + 10 * c.groupIdy + 100 * c.groupIdz + 1000 * local);
  }

  static void reduceTree(KernelContext c, FloatArray in, FloatArray out) {
    float[] shared = c.allocateFloatLocalArray(64);
    int lane = c.localIdx;
    shared[lane] = in.get(c.globalIdx);
    for (int half = c.localGroupSizeX / 2; half > 0; half /= 2) {
      c.localBarrier();
      if (lane < half) {
        shared[lane] += shared[lane + half];
      }
    }
    if (lane == 0) {
      out.set(c.groupIdx, shared[0]);
    }
  }

  static void reduceByHelper(KernelContext c, FloatArray in, FloatArray out, long bias, double by) {
    float[] shared = c.allocateFloatLocalArray(64);
    long kept = bias + c.localIdx;
    float own = in.get(c.globalIdx);
    float total = 2f * sumOfGroup(shared, own, c) + sumOfGroup(shared, 1f, c);
    out.set(c.globalIdx, total + kept + (float) (by * c.localIdx));
  }

  private static float sumOfGroup(float[] shared, float value, KernelContext c) {
    int lane = c.localIdx;
    c.localBarrier();
    shared[lane] = value;
    c.localBarrier();
    float sum = 0f;
    for (int i = 0; i < c.localGroupSizeX; i++) {
      sum += shared[i];
    }
    return sum;
  }

  static void warpSums(KernelContext c, FloatArray in, FloatArray out) {
    float x = in.get(c.globalIdx);
    out.set(c.globalIdx, x + c.simdSum(x) * 2f + c.simdBroadcastFirst(x + 1f));
  }

  static void shifts(KernelContext c, FloatArray in, FloatArray out) {
    float x = in.get(c.globalIdx);
    for (int delta = 16; delta > 0; delta >>= 1) {
      x += c.simdShuffleDown(x, delta);
    }
    out.set(c.globalIdx, x);
  }

  static void countAtomically(KernelContext c, IntArray count, FloatArray sum) {
    int[] shared = c.allocateIntLocalArray(1);
    if (c.localIdx == 0) {
      shared[0] = 0;
    }
    c.localBarrier();
    c.atomicAdd(shared, 0, c.localIdx);
    c.localBarrier();
    if (c.localIdx == 0) {
      c.atomicAdd(count, 0, shared[0]);
    }
    c.atomicAdd(sum, 0, 0.5f);
  }

  static void productHalf(
      KernelContext c, HalfFloatArray a, HalfFloatArray b, FloatArray out, int depth) {
    int[] tileA = c.allocateIntLocalArray(TILE_INTS);
    int[] tileB = c.allocateIntLocalArray(TILE_INTS / 2);
    int lane = c.localIdx;
    float[] sum = c.mmaFragment(0f);
    for (int k = 0; k < depth; k += 16) {
      for (int i = lane; i < TILE_INTS; i += 32) {
        int at = i / 8 * depth + k + i % 8 * 2;
        c.asyncCopyToLocal(tileA, i, a, at);
      }
      for (int i = lane; i < TILE_INTS / 2; i += 32) {
        c.asyncCopyToLocal(tileB, i, b, (k + i / 4) * 8 + i % 4 * 2);
      }
      c.asyncCopyCommit();
      c.asyncCopyWaitGroup(0);
      c.localBarrier();
      HalfFloat[] fragmentA = c.mmaLoadA(tileA, 16);
      HalfFloat[] fragmentB = c.mmaLoadB(tileB, 16, 0);
      sum = c.mma(fragmentA, fragmentB, sum, MMAShape.M16N8K16);
      c.localBarrier();
    }
    c.mmaStore(sum, out, 0, 0, 8);
  }

  static void productBrain(KernelContext c, BFloat16Array a, BFloat16Array b, FloatArray out) {
    int[] tileA = c.allocateIntLocalArray(TILE_INTS);
    int[] tileB = c.allocateIntLocalArray(TILE_INTS / 2);
    for (int i = c.localIdx; i < TILE_INTS; i += 32) {
      tileA[i] = (a.get(2 * i) & 0xFFFF) | (a.get(2 * i + 1) << 16);
    }
    for (int i = c.localIdx; i < TILE_INTS / 2; i += 32) {
      tileB[i] = (b.get(2 * i) & 0xFFFF) | (b.get(2 * i + 1) << 16);
    }
    c.localBarrier();
    float[] sum = c.mmaFragment(1f);
    HalfFloat[] fragmentA = c.mmaLoadA(tileA, 16, 0);
    sum = c.mmaBF16(fragmentA, c.mmaLoadB(tileB, 16), sum, MMAShape.M16N8K16);
    c.mmaStore(sum, out, 0, 0, 8);
  }

  static void productBytes(KernelContext c, IntArray a, IntArray b, IntArray out) {
    int[] tileA = c.allocateIntLocalArray(TILE_INTS);
    int[] tileB = c.allocateIntLocalArray(TILE_INTS / 2);
    for (int i = c.localIdx; i < TILE_INTS; i += 32) {
      tileA[i] = a.get(i);
    }
    for (int i = c.localIdx; i < TILE_INTS / 2; i += 32) {
      tileB[i] = b.get(i);
    }
    c.localBarrier();
    int[] sum = c.mmaFragmentInt(3);
    sum = c.mmaInt8(c.mmaLoadAInt8(tileA, 32), c.mmaLoadBInt8(tileB, 32), sum, MMAShape.M16N8K32);
    c.mmaStoreInt(sum, out, 0, 0, 8);
  }

  static void forgetsToWait(KernelContext c, HalfFloatArray in, FloatArray out) {
    int[] tile = c.allocateIntLocalArray(32);
    c.asyncCopyToLocal(tile, c.localIdx, in, 2 * c.localIdx);
    c.asyncCopyCommit();
    c.localBarrier();
    out.set(c.localIdx, Float.float16ToFloat((short) tile[c.localIdx]));
  }

  static void readsUnwritten(KernelContext c, FloatArray out) {
    float[] shared = c.allocateFloatLocalArray(8);
    out.set(c.globalIdx, shared[c.localIdx]);
    shared[c.localIdx] = 1f;
  }

  static void divergesAtBarrier(KernelContext c, FloatArray out) {
    if (c.localIdx < 3) {
      c.localBarrier();
    }
    out.set(c.globalIdx, 1f);
  }

  static void divergesBetweenBarriers(KernelContext c, FloatArray out) {
    if (c.localIdx < 3) {
      c.localBarrier();
    } else {
      c.localBarrier();
    }
    out.set(c.globalIdx, 1f);
  }

  static void divergesInWarp(KernelContext c, FloatArray out) {
    float x = 1f;
    if (c.localIdx < 3) {
      x = c.simdSum(x);
    }
    out.set(c.globalIdx, x);
  }

  static void divergesInProduct(KernelContext c, FloatArray out) {
    int[] tile = c.allocateIntLocalArray(TILE_INTS);
    float[] sum = c.mmaFragment(0f);
    if (c.localIdx < 3) {
      sum = c.mma(c.mmaLoadA(tile, 16), c.mmaLoadB(tile, 16), sum, MMAShape.M16N8K16);
    }
    c.mmaStore(sum, out, 0, 0, 8);
  }

  static void leavesArray(KernelContext c, FloatArray in, FloatArray out) {
    out.set(c.globalIdx, in.get(c.globalIdx + 1));
  }

  static void leavesSharedArray(KernelContext c, FloatArray out) {
    float[] shared = c.allocateFloatLocalArray(8);
    shared[c.localIdx + 1] = 1f;
    c.localBarrier();
    out.set(c.globalIdx, shared[c.localIdx]);
  }

  static void sharesTooMuch(KernelContext c, FloatArray out) {
    float[] shared = c.allocateFloatLocalArray(20_000);
    out.set(c.globalIdx, shared.length);
  }
}
