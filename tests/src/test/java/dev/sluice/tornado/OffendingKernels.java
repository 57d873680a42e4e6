package dev.sluice.tornado;

import dev.sluice.tasks.ops.Fragments;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.BFloat16;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Kernels with one fault each, and their faultless twins, for [KernelRulesTest].
@SuppressWarnings("unused")
final class OffendingKernels {

  private static int field;

  private OffendingKernels() {}

  static void shiftsUnsigned(IntArray x) {
    x.set(0, x.get(0) >>> 3);
  }

  static void shiftsLongUnsigned(IntArray x, long key) {
    x.set(0, (int) (key >>> 32));
  }

  static void shiftsRightly(IntArray x, long key) {
    x.set(0, (x.get(0) >> 3) + (int) ((key >> 32) & 0xFFFFFFFFL));
  }

  static void dividesDifference(IntArray x, int a, int b) {
    x.set(0, (a - b) / 4);
  }

  static void dividesNegated(IntArray x, int a) {
    x.set(0, -a / 8);
  }

  static void dividesThroughVariable(IntArray x, int a, int b) {
    int difference = a - b;
    int moved = difference + 2;
    x.set(moved / 16, 1);
  }

  static void dividesOneLess(IntArray x, int a) {
    x.set(0, (a - 1) / 2);
  }

  static void dividesRightly(IntArray x, int a, int b) {
    x.set(0, a / 4 + (a + 15) / 16 + (a + 16 - 1) / 16 + (a - b) / 3 + (a - b) % 4 + a / b);
    x.set(1, Math.max(0, a - b) / 4 + ((a - b) & 7) / 4 + ((a - b) >> 2));
  }

  static void packsShorts(IntArray x, float a, float b) {
    x.set(0, (BFloat16.bf16FromFloat(a) & 0xFFFF) | (BFloat16.bf16FromFloat(b) << 16));
  }

  static void packsShortsOfVariables(IntArray x, float a) {
    int high = BFloat16.bf16FromFloat(a) & 0xFFFF;
    x.set(0, high << 16);
  }

  static void packsRightly(IntArray x, HalfFloatArray half, float a, int thread) {
    int z = thread >> 31;
    int high = BFloat16.bf16FromFloat(a) & 0xFFFF;
    x.set(0, (BFloat16.bf16FromFloat(a) & 0xFFFF) | (z - ((z - high) << 16)));
    x.set(1, (half.get(0).getHalfFloatValue() & 0xFFFF) | (half.get(1).getHalfFloatValue() << 16));
  }

  static void norm(FloatArray x) {
    x.set(0, dot(x));
  }

  private static float dot(FloatArray x) {
    return x.get(0) * x.get(1);
  }

  static void usesDouble(FloatArray x) {
    x.set(0, (float) Math.exp(x.get(0)));
  }

  static void takesBits(IntArray x, float a) {
    x.set(0, Float.floatToRawIntBits(a));
  }

  static void takesBitsOfPair(IntArray x, HalfFloatArray half) {
    x.set(0, half.getHalf2(0).getX().getHalfFloatValue());
  }

  static void makesObject(FloatArray x) {
    x.set(0, new FloatArray(3).get(0));
  }

  static void makesArray(FloatArray x, int n) {
    float[] own = new float[n];
    x.set(0, own[0]);
  }

  static void makesRightly(HalfFloatArray x) {
    float[] own = new float[8];
    x.set(0, new HalfFloat(own[0]));
  }

  static void usesString(FloatArray x) {
    x.set(0, "kernel".length());
  }

  static void joinsStrings(FloatArray x, int n) {
    x.set(0, (n + " rows").length());
  }

  static void throwsException(FloatArray x) {
    throw new IllegalStateException();
  }

  static void usesField(FloatArray x) {
    x.set(field, 1f);
  }

  static void recurs(FloatArray x, int n) {
    if (n > 0) {
      recurs(x, n - 1);
    }
  }

  static void handsOnLocalMemory(KernelContext context, FloatArray x) {
    float[] shared = context.allocateFloatLocalArray(2);
    x.set(0, sumOf(shared));
  }

  private static float sumOf(float[] shared) {
    return shared[0] + shared[1];
  }

  static void usesLocalMemory(KernelContext context, FloatArray x) {
    float[] shared = context.allocateFloatLocalArray(2);
    x.set(0, shared[0] + shared[1]);
  }

  static void storesFragment(KernelContext context, FloatArray x) {
    context.mmaStore(context.mmaFragment(0.0f), x, 0, 0, 8);
  }

  static void storesFragmentRightly(KernelContext context, FloatArray x) {
    Fragments.store(context, context.mmaFragment(0.0f), x, 0, 0, 8);
  }
}
