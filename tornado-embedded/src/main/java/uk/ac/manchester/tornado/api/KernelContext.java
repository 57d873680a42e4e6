package uk.ac.manchester.tornado.api;

import dev.sluice.embedded.NotEmbeddedException;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.vectors.Half2;

/// What a kernel knows of the thread that runs it, and how threads of a group work together.
///
/// An object made by an application stands for the context in a task's arguments; the runtime
/// passes its own to each thread. The methods of this class itself refuse: outside a running task
/// there is no group.
public class KernelContext {

  /// The thread among all, in x.
  public Integer globalIdx = 0;

  /// The thread among all, in y.
  public Integer globalIdy = 0;

  /// The thread among all, in z.
  public Integer globalIdz = 0;

  /// The group, in x.
  public Integer groupIdx = 0;

  /// The group, in y.
  public Integer groupIdy = 0;

  /// The group, in z.
  public Integer groupIdz = 0;

  /// The thread in its group, in x.
  public Integer localIdx = 0;

  /// The thread in its group, in y.
  public Integer localIdy = 0;

  /// The thread in its group, in z.
  public Integer localIdz = 0;

  /// The number of threads, in x.
  public Integer globalGroupSizeX = 0;

  /// The number of threads, in y.
  public Integer globalGroupSizeY = 0;

  /// The number of threads, in z.
  public Integer globalGroupSizeZ = 0;

  /// The number of threads of a group, in x.
  public Integer localGroupSizeX = 0;

  /// The number of threads of a group, in y.
  public Integer localGroupSizeY = 0;

  /// The number of threads of a group, in z.
  public Integer localGroupSizeZ = 0;

  /// Stands for the context in the arguments of a task.
  public KernelContext() {}

  /// Waits for every thread of the group.
  public void localBarrier() {
    throw NotEmbeddedException.outsideTask("localBarrier");
  }

  /// Orders writes to global memory for the group; waits as [#localBarrier] does.
  public void globalBarrier() {
    throw NotEmbeddedException.outsideTask("globalBarrier");
  }

  /// Memory that the group shares; holds nothing defined at first.
  public int[] allocateIntLocalArray(int size) {
    throw NotEmbeddedException.outsideTask("allocateIntLocalArray");
  }

  /// Memory that the group shares; holds nothing defined at first.
  public byte[] allocateByteLocalArray(int size) {
    throw NotEmbeddedException.outsideTask("allocateByteLocalArray");
  }

  /// Memory that the group shares; holds nothing defined at first.
  public HalfFloat[] allocateHalfFloatLocalArray(int size) {
    throw NotEmbeddedException.outsideTask("allocateHalfFloatLocalArray");
  }

  /// Memory that the group shares; holds nothing defined at first.
  public Half2[] allocateHalf2LocalArray(int size) {
    throw NotEmbeddedException.outsideTask("allocateHalf2LocalArray");
  }

  /// Memory that the group shares; holds nothing defined at first.
  public long[] allocateLongLocalArray(int size) {
    throw NotEmbeddedException.outsideTask("allocateLongLocalArray");
  }

  /// Memory that the group shares; holds nothing defined at first.
  public float[] allocateFloatLocalArray(int size) {
    throw NotEmbeddedException.outsideTask("allocateFloatLocalArray");
  }

  /// Memory that the group shares; holds nothing defined at first.
  public double[] allocateDoubleLocalArray(int size) {
    throw NotEmbeddedException.outsideTask("allocateDoubleLocalArray");
  }

  /// The sum over the warp.
  public float simdSum(float value) {
    throw NotEmbeddedException.outsideTask("simdSum");
  }

  /// The value of the lane `delta` further; its own where there is none.
  public float simdShuffleDown(float value, int delta) {
    throw NotEmbeddedException.outsideTask("simdShuffleDown");
  }

  /// The value of lane 0.
  public float simdBroadcastFirst(float value) {
    throw NotEmbeddedException.outsideTask("simdBroadcastFirst");
  }

  /// `array[index] += value`, in one step.
  public void atomicAdd(IntArray array, int index, int value) {
    throw NotEmbeddedException.outsideTask("atomicAdd");
  }

  /// `array[index] += value`, in one step.
  public void atomicAdd(int[] array, int index, int value) {
    throw NotEmbeddedException.outsideTask("atomicAdd");
  }

  /// `array[index] += value`, in one step.
  public void atomicAdd(LongArray array, int index, long value) {
    throw NotEmbeddedException.outsideTask("atomicAdd");
  }

  /// `array[index] += value`, in one step.
  public void atomicAdd(FloatArray array, int index, float value) {
    throw NotEmbeddedException.outsideTask("atomicAdd");
  }

  /// `array[index] += value`, in one step.
  public void atomicAdd(DoubleArray array, int index, double value) {
    throw NotEmbeddedException.outsideTask("atomicAdd");
  }

  /// An accumulator filled with `value`.
  public float[] mmaFragment(float value) {
    throw NotEmbeddedException.outsideTask("mmaFragment");
  }

  /// Loads a 16 × 16 tile of 16-bit numbers, row-major, from the start of `tile`.
  public HalfFloat[] mmaLoadA(int[] tile, int k) {
    throw NotEmbeddedException.outsideTask("mmaLoadA");
  }

  /// Loads a 16 × 8 tile of 16-bit numbers, row-major, from the start of `tile`.
  public HalfFloat[] mmaLoadB(int[] tile, int k) {
    throw NotEmbeddedException.outsideTask("mmaLoadB");
  }

  /// Loads a 16 × 16 tile of 16-bit numbers, row-major, from `byteOffset`.
  public HalfFloat[] mmaLoadA(int[] tile, int k, int byteOffset) {
    throw NotEmbeddedException.outsideTask("mmaLoadA");
  }

  /// Loads a 16 × 8 tile of 16-bit numbers, row-major, from `byteOffset`.
  public HalfFloat[] mmaLoadB(int[] tile, int k, int byteOffset) {
    throw NotEmbeddedException.outsideTask("mmaLoadB");
  }

  /// `A·B + C` of half floats, summed in float.
  public float[] mma(HalfFloat[] a, HalfFloat[] b, float[] c, MMAShape shape) {
    throw NotEmbeddedException.outsideTask("mma");
  }

  /// `A·B + C` of bfloat16 numbers, summed in float.
  public float[] mmaBF16(HalfFloat[] a, HalfFloat[] b, float[] c, MMAShape shape) {
    throw NotEmbeddedException.outsideTask("mmaBF16");
  }

  /// Stores a 16 × 8 accumulator at `(row, column)` of a matrix with rows of `stride`.
  public void mmaStore(float[] d, FloatArray out, int row, int column, int stride) {
    throw NotEmbeddedException.outsideTask("mmaStore");
  }

  /// An integer accumulator filled with `value`.
  public int[] mmaFragmentInt(int value) {
    throw NotEmbeddedException.outsideTask("mmaFragmentInt");
  }

  /// Loads a 16 × 32 tile of bytes, row-major, from the start of `tile`.
  public byte[] mmaLoadAInt8(int[] tile, int k) {
    throw NotEmbeddedException.outsideTask("mmaLoadAInt8");
  }

  /// Loads a 32 × 8 tile of bytes from the start of `tile`: 16 rows of 8 pairs, a pair being two
  /// neighbours in K.
  public byte[] mmaLoadBInt8(int[] tile, int k) {
    throw NotEmbeddedException.outsideTask("mmaLoadBInt8");
  }

  /// `A·B + C` of 8-bit integers, summed in int.
  public int[] mmaInt8(byte[] a, byte[] b, int[] c, MMAShape shape) {
    throw NotEmbeddedException.outsideTask("mmaInt8");
  }

  /// Stores a 16 × 8 integer accumulator at `(row, column)` of a matrix with rows of `stride`.
  public void mmaStoreInt(int[] d, IntArray out, int row, int column, int stride) {
    throw NotEmbeddedException.outsideTask("mmaStoreInt");
  }

  /// Starts to copy two half floats, packed, into `tile[index]`.
  public void asyncCopyToLocal(int[] tile, int index, HalfFloatArray source, int from) {
    throw NotEmbeddedException.outsideTask("asyncCopyToLocal");
  }

  /// Starts to copy four bytes, packed, into `tile[index]`.
  public void asyncCopyToLocal(int[] tile, int index, ByteArray source, int from) {
    throw NotEmbeddedException.outsideTask("asyncCopyToLocal");
  }

  /// Closes the group of copies started since the last commit.
  public void asyncCopyCommit() {
    throw NotEmbeddedException.outsideTask("asyncCopyCommit");
  }

  /// Waits until at most `pending` closed groups of copies are under way.
  public void asyncCopyWaitGroup(int pending) {
    throw NotEmbeddedException.outsideTask("asyncCopyWaitGroup");
  }
}
