package dev.sluice.embedded.engine;

import dev.sluice.embedded.HostArrays;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.vectors.Half2;

/// One thread of a grid, as the kernel's context.
///
/// Its indices are plain `int`s that hide the boxed ones of the class above; kernels are rewritten
/// to read these. Public for the sake of the classes made at run time.
@SuppressWarnings("HidingField")
public final class WorkItem extends Suspension {

  private static final VarHandle INTS = MethodHandles.arrayElementVarHandle(int[].class);
  private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle FLOATS = MethodHandles.arrayElementVarHandle(float[].class);
  private static final VarHandle DOUBLES = MethodHandles.arrayElementVarHandle(double[].class);

  /// The thread among all, in x.
  public int globalIdx;

  /// The thread among all, in y.
  public int globalIdy;

  /// The thread among all, in z.
  public int globalIdz;

  /// The group, in x.
  public int groupIdx;

  /// The group, in y.
  public int groupIdy;

  /// The group, in z.
  public int groupIdz;

  /// The thread in its group, in x.
  public int localIdx;

  /// The thread in its group, in y.
  public int localIdy;

  /// The thread in its group, in z.
  public int localIdz;

  /// The number of threads, in x.
  public final int globalGroupSizeX;

  /// The number of threads, in y.
  public final int globalGroupSizeY;

  /// The number of threads, in z.
  public final int globalGroupSizeZ;

  /// The number of threads of a group, in x.
  public final int localGroupSizeX;

  /// The number of threads of a group, in y.
  public final int localGroupSizeY;

  /// The number of threads of a group, in z.
  public final int localGroupSizeZ;

  /// What the thread waits for.
  enum Wait {
    BARRIER,
    SUM,
    SHIFT,
    FIRST
  }

  private final @Nullable WorkGroup group;
  private final int lane;
  final int warp;
  private final AsyncCopies copies = new AsyncCopies();
  private int allocations;
  private int loads;
  private int products;

  Wait wait = Wait.BARRIER;
  float operand;
  int shift;
  float result;
  boolean done;

  /// @param geometry the grid
  /// @param group the thread's group; null where no kernel needs it
  /// @param index the thread in its group
  WorkItem(Geometry geometry, @Nullable WorkGroup group, int index) {
    this.group = group;
    lane = index % WorkGroup.WARP;
    warp = index / WorkGroup.WARP;
    globalGroupSizeX = geometry.globalX();
    globalGroupSizeY = geometry.globalY();
    globalGroupSizeZ = geometry.globalZ();
    localGroupSizeX = geometry.localX();
    localGroupSizeY = geometry.localY();
    localGroupSizeZ = geometry.localZ();
    localIdx = index % localGroupSizeX;
    localIdy = index / localGroupSizeX % localGroupSizeY;
    localIdz = index / localGroupSizeX / localGroupSizeY;
  }

  /// Begins the kernel anew in a group.
  ///
  /// @param index the group, counted in x, then y, then z
  void enter(int index) {
    begin();
    int groupsX = globalGroupSizeX / localGroupSizeX;
    int groupsY = globalGroupSizeY / localGroupSizeY;
    groupIdx = index % groupsX;
    groupIdy = index / groupsX % groupsY;
    groupIdz = index / groupsX / groupsY;
    globalIdx = groupIdx * localGroupSizeX + localIdx;
    globalIdy = groupIdy * localGroupSizeY + localIdy;
    globalIdz = groupIdz * localGroupSizeZ + localIdz;
    copies.clear();
    allocations = 0;
    loads = 0;
    products = 0;
    done = false;
  }

  /// Moves to a thread of the grid. Only where groups play no part.
  ///
  /// @param index the thread, counted in x, then y, then z
  public void moveTo(int index) {
    globalIdx = index % globalGroupSizeX;
    globalIdy = index / globalGroupSizeX % globalGroupSizeY;
    globalIdz = index / globalGroupSizeX / globalGroupSizeY;
    derive();
  }

  /// Moves to the next thread of the grid.
  public void advance() {
    globalIdx++;
    localIdx++;
    if (localIdx == localGroupSizeX) {
      localIdx = 0;
      groupIdx++;
    }
    if (globalIdx == globalGroupSizeX) {
      globalIdx = 0;
      globalIdy++;
      if (globalIdy == globalGroupSizeY) {
        globalIdy = 0;
        globalIdz++;
      }
      derive();
    }
  }

  private void derive() {
    groupIdx = globalIdx / localGroupSizeX;
    groupIdy = globalIdy / localGroupSizeY;
    groupIdz = globalIdz / localGroupSizeZ;
    localIdx = globalIdx % localGroupSizeX;
    localIdy = globalIdy % localGroupSizeY;
    localIdz = globalIdz % localGroupSizeZ;
  }

  /// @return where the thread is, for messages
  String position() {
    return "thread (%d, %d, %d) of group (%d, %d, %d)"
        .formatted(localIdx, localIdy, localIdz, groupIdx, groupIdy, groupIdz);
  }

  private WorkGroup group() {
    if (group == null) {
      throw new IllegalStateException("The kernel was found not to need its group");
    }
    return group;
  }

  /// @return how many matrix products the thread has done, the same in all lanes of a warp
  int products() {
    return products;
  }

  /// Goes on after a wait: what a warp loads from now on is loaded anew.
  void proceed() {
    loads = 0;
    resume();
  }

  private boolean waits(Wait reason) {
    if (passes()) {
      return false;
    }
    wait = reason;
    return true;
  }

  @Override
  public void localBarrier() {
    waits(Wait.BARRIER);
  }

  @Override
  public void globalBarrier() {
    waits(Wait.BARRIER);
  }

  @Override
  public float simdSum(float value) {
    return collective(Wait.SUM, value, 0);
  }

  @Override
  public float simdShuffleDown(float value, int delta) {
    return collective(Wait.SHIFT, value, delta);
  }

  @Override
  public float simdBroadcastFirst(float value) {
    return collective(Wait.FIRST, value, 0);
  }

  private float collective(Wait reason, float value, int delta) {
    if (waits(reason)) {
      operand = value;
      shift = delta;
    }
    return result;
  }

  @Override
  public int[] allocateIntLocalArray(int size) {
    return group().local(allocations++, int[].class, size);
  }

  @Override
  public byte[] allocateByteLocalArray(int size) {
    return group().local(allocations++, byte[].class, size);
  }

  @Override
  public HalfFloat[] allocateHalfFloatLocalArray(int size) {
    return group().local(allocations++, HalfFloat[].class, size);
  }

  @Override
  public Half2[] allocateHalf2LocalArray(int size) {
    return group().local(allocations++, Half2[].class, size);
  }

  @Override
  public long[] allocateLongLocalArray(int size) {
    return group().local(allocations++, long[].class, size);
  }

  @Override
  public float[] allocateFloatLocalArray(int size) {
    return group().local(allocations++, float[].class, size);
  }

  @Override
  public double[] allocateDoubleLocalArray(int size) {
    return group().local(allocations++, double[].class, size);
  }

  @Override
  public void atomicAdd(IntArray array, int index, int value) {
    INTS.getAndAdd(HostArrays.ints(array), index, value);
  }

  @Override
  public void atomicAdd(int[] array, int index, int value) {
    INTS.getAndAdd(array, index, value);
  }

  @Override
  public void atomicAdd(LongArray array, int index, long value) {
    LONGS.getAndAdd(HostArrays.longs(array), index, value);
  }

  @Override
  public void atomicAdd(FloatArray array, int index, float value) {
    FLOATS.getAndAdd(HostArrays.floats(array), index, value);
  }

  @Override
  public void atomicAdd(DoubleArray array, int index, double value) {
    DOUBLES.getAndAdd(HostArrays.doubles(array), index, value);
  }

  @Override
  public float[] mmaFragment(float value) {
    return new float[] {value, value, value, value};
  }

  @Override
  public int[] mmaFragmentInt(int value) {
    return new int[] {value, value, value, value};
  }

  @Override
  public HalfFloat[] mmaLoadA(int[] tile, int k) {
    return mmaLoadA(tile, k, 0);
  }

  @Override
  public HalfFloat[] mmaLoadB(int[] tile, int k) {
    return mmaLoadB(tile, k, 0);
  }

  @Override
  public HalfFloat[] mmaLoadA(int[] tile, int k, int byteOffset) {
    Mma.checkDepth(k, Mma.DEPTH);
    return group().load(warp, loads++, tile, byteOffset, Mma.ROWS * Mma.DEPTH);
  }

  @Override
  public HalfFloat[] mmaLoadB(int[] tile, int k, int byteOffset) {
    Mma.checkDepth(k, Mma.DEPTH);
    return group().load(warp, loads++, tile, byteOffset, Mma.DEPTH * Mma.COLUMNS);
  }

  @Override
  public float[] mma(HalfFloat[] a, HalfFloat[] b, float[] c, MMAShape shape) {
    product(shape, MMAShape.M16N8K16);
    return Mma.multiply(lane, Mma.tile(a).halfFloats(), Mma.tile(b).halfFloats(), c);
  }

  @Override
  public float[] mmaBF16(HalfFloat[] a, HalfFloat[] b, float[] c, MMAShape shape) {
    product(shape, MMAShape.M16N8K16);
    return Mma.multiply(lane, Mma.tile(a).brainFloats(), Mma.tile(b).brainFloats(), c);
  }

  private void product(MMAShape actual, MMAShape expected) {
    Mma.checkShape(actual, expected);
    products++;
  }

  @Override
  public void mmaStore(float[] d, FloatArray out, int row, int column, int stride) {
    Mma.store(lane, d, out, row, column, stride);
  }

  @Override
  public byte[] mmaLoadAInt8(int[] tile, int k) {
    Mma.checkDepth(k, Mma.DEPTH_INT8);
    return Mma.loadBytes(tile, Mma.ROWS * Mma.DEPTH_INT8);
  }

  @Override
  public byte[] mmaLoadBInt8(int[] tile, int k) {
    Mma.checkDepth(k, Mma.DEPTH_INT8);
    return Mma.loadBytes(tile, Mma.DEPTH_INT8 * Mma.COLUMNS);
  }

  @Override
  public int[] mmaInt8(byte[] a, byte[] b, int[] c, MMAShape shape) {
    product(shape, MMAShape.M16N8K32);
    return Mma.multiplyBytes(lane, a, b, c);
  }

  @Override
  public void mmaStoreInt(int[] d, IntArray out, int row, int column, int stride) {
    Mma.storeInts(lane, d, out, row, column, stride);
  }

  /// The copy is done when it is waited for, so that a kernel that forgets to wait reads poison.
  @Override
  public void asyncCopyToLocal(int[] tile, int index, HalfFloatArray source, int from) {
    copies.add(() -> {
      short[] bits = HostArrays.halfBits(source);
      tile[index] = bits[from] & 0xFFFF | bits[from + 1] << Short.SIZE;
    });
  }

  /// The copy is done when it is waited for, so that a kernel that forgets to wait reads poison.
  @Override
  public void asyncCopyToLocal(int[] tile, int index, ByteArray source, int from) {
    copies.add(() -> {
      byte[] bytes = HostArrays.bytes(source);
      int low = bytes[from] & 0xFF | (bytes[from + 1] & 0xFF) << 8;
      tile[index] = low | (bytes[from + 2] & 0xFF) << 16 | bytes[from + 3] << 24;
    });
  }

  @Override
  public void asyncCopyCommit() {
    copies.commit();
  }

  @Override
  public void asyncCopyWaitGroup(int pending) {
    copies.await(pending);
  }
}
