package uk.ac.manchester.tornado.api.common;

import java.io.Serializable;

/// The shapes of a task: a static method of up to twenty arguments.
///
/// They extend [Serializable] so that the runtime can find the method behind a method reference.
public final class TornadoFunctions {

  private TornadoFunctions() {}

  /// A kernel without arguments.
  @FunctionalInterface
  public interface Task extends Serializable {
    /// Runs the kernel.
    void apply();
  }

  /// A kernel of one argument.
  @FunctionalInterface
  public interface Task1<T1> extends Serializable {
    /// Runs the kernel.
    void apply(T1 arg1);
  }

  /// A kernel of two arguments.
  @FunctionalInterface
  public interface Task2<T1, T2> extends Serializable {
    /// Runs the kernel.
    void apply(T1 arg1, T2 arg2);
  }

  /// A kernel of three arguments.
  @FunctionalInterface
  public interface Task3<T1, T2, T3> extends Serializable {
    /// Runs the kernel.
    void apply(T1 arg1, T2 arg2, T3 arg3);
  }

  /// A kernel of four arguments.
  @FunctionalInterface
  public interface Task4<T1, T2, T3, T4> extends Serializable {
    /// Runs the kernel.
    void apply(T1 arg1, T2 arg2, T3 arg3, T4 arg4);
  }

  /// A kernel of five arguments.
  @FunctionalInterface
  public interface Task5<T1, T2, T3, T4, T5> extends Serializable {
    /// Runs the kernel.
    void apply(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5);
  }

  /// A kernel of six arguments.
  @FunctionalInterface
  public interface Task6<T1, T2, T3, T4, T5, T6> extends Serializable {
    /// Runs the kernel.
    void apply(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6);
  }

  /// A kernel of seven arguments.
  @FunctionalInterface
  public interface Task7<T1, T2, T3, T4, T5, T6, T7> extends Serializable {
    /// Runs the kernel.
    void apply(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7);
  }

  /// A kernel of eight arguments.
  @FunctionalInterface
  public interface Task8<T1, T2, T3, T4, T5, T6, T7, T8> extends Serializable {
    /// Runs the kernel.
    void apply(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8);
  }

  /// A kernel of nine arguments.
  @FunctionalInterface
  public interface Task9<T1, T2, T3, T4, T5, T6, T7, T8, T9> extends Serializable {
    /// Runs the kernel.
    void apply(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8, T9 arg9);
  }

  /// A kernel of ten arguments.
  @FunctionalInterface
  public interface Task10<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> extends Serializable {
    /// Runs the kernel.
    void apply(
        T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8, T9 arg9, T10 arg10);
  }

  /// A kernel of eleven arguments.
  @FunctionalInterface
  public interface Task11<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11> extends Serializable {
    /// Runs the kernel.
    void apply(
        T1 arg1,
        T2 arg2,
        T3 arg3,
        T4 arg4,
        T5 arg5,
        T6 arg6,
        T7 arg7,
        T8 arg8,
        T9 arg9,
        T10 arg10,
        T11 arg11);
  }

  /// A kernel of twelve arguments.
  @FunctionalInterface
  public interface Task12<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12> extends Serializable {
    /// Runs the kernel.
    void apply(
        T1 arg1,
        T2 arg2,
        T3 arg3,
        T4 arg4,
        T5 arg5,
        T6 arg6,
        T7 arg7,
        T8 arg8,
        T9 arg9,
        T10 arg10,
        T11 arg11,
        T12 arg12);
  }

  /// A kernel of thirteen arguments.
  @FunctionalInterface
  public interface Task13<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>
      extends Serializable {
    /// Runs the kernel.
    void apply(
        T1 arg1,
        T2 arg2,
        T3 arg3,
        T4 arg4,
        T5 arg5,
        T6 arg6,
        T7 arg7,
        T8 arg8,
        T9 arg9,
        T10 arg10,
        T11 arg11,
        T12 arg12,
        T13 arg13);
  }

  /// A kernel of fourteen arguments.
  @FunctionalInterface
  public interface Task14<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14>
      extends Serializable {
    /// Runs the kernel.
    void apply(
        T1 arg1,
        T2 arg2,
        T3 arg3,
        T4 arg4,
        T5 arg5,
        T6 arg6,
        T7 arg7,
        T8 arg8,
        T9 arg9,
        T10 arg10,
        T11 arg11,
        T12 arg12,
        T13 arg13,
        T14 arg14);
  }

  /// A kernel of fifteen arguments.
  @FunctionalInterface
  public interface Task15<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15>
      extends Serializable {
    /// Runs the kernel.
    void apply(
        T1 arg1,
        T2 arg2,
        T3 arg3,
        T4 arg4,
        T5 arg5,
        T6 arg6,
        T7 arg7,
        T8 arg8,
        T9 arg9,
        T10 arg10,
        T11 arg11,
        T12 arg12,
        T13 arg13,
        T14 arg14,
        T15 arg15);
  }

  /// A kernel of sixteen arguments.
  @FunctionalInterface
  public interface Task16<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16>
      extends Serializable {
    /// Runs the kernel.
    void apply(
        T1 arg1,
        T2 arg2,
        T3 arg3,
        T4 arg4,
        T5 arg5,
        T6 arg6,
        T7 arg7,
        T8 arg8,
        T9 arg9,
        T10 arg10,
        T11 arg11,
        T12 arg12,
        T13 arg13,
        T14 arg14,
        T15 arg15,
        T16 arg16);
  }

  /// A kernel of seventeen arguments.
  @FunctionalInterface
  public interface Task17<
          T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17>
      extends Serializable {
    /// Runs the kernel.
    void apply(
        T1 arg1,
        T2 arg2,
        T3 arg3,
        T4 arg4,
        T5 arg5,
        T6 arg6,
        T7 arg7,
        T8 arg8,
        T9 arg9,
        T10 arg10,
        T11 arg11,
        T12 arg12,
        T13 arg13,
        T14 arg14,
        T15 arg15,
        T16 arg16,
        T17 arg17);
  }

  /// A kernel of eighteen arguments.
  @FunctionalInterface
  public interface Task18<
          T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17, T18>
      extends Serializable {
    /// Runs the kernel.
    void apply(
        T1 arg1,
        T2 arg2,
        T3 arg3,
        T4 arg4,
        T5 arg5,
        T6 arg6,
        T7 arg7,
        T8 arg8,
        T9 arg9,
        T10 arg10,
        T11 arg11,
        T12 arg12,
        T13 arg13,
        T14 arg14,
        T15 arg15,
        T16 arg16,
        T17 arg17,
        T18 arg18);
  }

  /// A kernel of nineteen arguments.
  @FunctionalInterface
  public interface Task19<
          T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17, T18, T19>
      extends Serializable {
    /// Runs the kernel.
    void apply(
        T1 arg1,
        T2 arg2,
        T3 arg3,
        T4 arg4,
        T5 arg5,
        T6 arg6,
        T7 arg7,
        T8 arg8,
        T9 arg9,
        T10 arg10,
        T11 arg11,
        T12 arg12,
        T13 arg13,
        T14 arg14,
        T15 arg15,
        T16 arg16,
        T17 arg17,
        T18 arg18,
        T19 arg19);
  }

  /// A kernel of twenty arguments.
  @FunctionalInterface
  public interface Task20<
          T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17, T18, T19, T20>
      extends Serializable {
    /// Runs the kernel.
    void apply(
        T1 arg1,
        T2 arg2,
        T3 arg3,
        T4 arg4,
        T5 arg5,
        T6 arg6,
        T7 arg7,
        T8 arg8,
        T9 arg9,
        T10 arg10,
        T11 arg11,
        T12 arg12,
        T13 arg13,
        T14 arg14,
        T15 arg15,
        T16 arg16,
        T17 arg17,
        T18 arg18,
        T19 arg19,
        T20 arg20);
  }

  /// Describes a library call of one argument.
  @FunctionalInterface
  public interface LibraryTask1<T1> extends Serializable {
    /// @return what to call, with which arguments
    LibraryTaskDescriptor apply(T1 arg1);
  }

  /// Describes a library call of two arguments.
  @FunctionalInterface
  public interface LibraryTask2<T1, T2> extends Serializable {
    /// @return what to call, with which arguments
    LibraryTaskDescriptor apply(T1 arg1, T2 arg2);
  }

  /// Describes a library call of three arguments.
  @FunctionalInterface
  public interface LibraryTask3<T1, T2, T3> extends Serializable {
    /// @return what to call, with which arguments
    LibraryTaskDescriptor apply(T1 arg1, T2 arg2, T3 arg3);
  }

  /// Describes a library call of four arguments.
  @FunctionalInterface
  public interface LibraryTask4<T1, T2, T3, T4> extends Serializable {
    /// @return what to call, with which arguments
    LibraryTaskDescriptor apply(T1 arg1, T2 arg2, T3 arg3, T4 arg4);
  }

  /// Describes a library call of five arguments.
  @FunctionalInterface
  public interface LibraryTask5<T1, T2, T3, T4, T5> extends Serializable {
    /// @return what to call, with which arguments
    LibraryTaskDescriptor apply(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5);
  }

  /// Describes a library call of six arguments.
  @FunctionalInterface
  public interface LibraryTask6<T1, T2, T3, T4, T5, T6> extends Serializable {
    /// @return what to call, with which arguments
    LibraryTaskDescriptor apply(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6);
  }

  /// Describes a library call of seven arguments.
  @FunctionalInterface
  public interface LibraryTask7<T1, T2, T3, T4, T5, T6, T7> extends Serializable {
    /// @return what to call, with which arguments
    LibraryTaskDescriptor apply(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7);
  }

  /// Describes a library call of eight arguments.
  @FunctionalInterface
  public interface LibraryTask8<T1, T2, T3, T4, T5, T6, T7, T8> extends Serializable {
    /// @return what to call, with which arguments
    LibraryTaskDescriptor apply(
        T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8);
  }

  /// Describes a library call of nine arguments.
  @FunctionalInterface
  public interface LibraryTask9<T1, T2, T3, T4, T5, T6, T7, T8, T9> extends Serializable {
    /// @return what to call, with which arguments
    LibraryTaskDescriptor apply(
        T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8, T9 arg9);
  }

  /// Describes a library call of ten arguments.
  @FunctionalInterface
  public interface LibraryTask10<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> extends Serializable {
    /// @return what to call, with which arguments
    LibraryTaskDescriptor apply(
        T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8, T9 arg9, T10 arg10);
  }

  /// Describes a library call of eleven arguments.
  @FunctionalInterface
  public interface LibraryTask11<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>
      extends Serializable {
    /// @return what to call, with which arguments
    LibraryTaskDescriptor apply(
        T1 arg1,
        T2 arg2,
        T3 arg3,
        T4 arg4,
        T5 arg5,
        T6 arg6,
        T7 arg7,
        T8 arg8,
        T9 arg9,
        T10 arg10,
        T11 arg11);
  }

  /// Describes a library call of twelve arguments.
  @FunctionalInterface
  public interface LibraryTask12<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>
      extends Serializable {
    /// @return what to call, with which arguments
    LibraryTaskDescriptor apply(
        T1 arg1,
        T2 arg2,
        T3 arg3,
        T4 arg4,
        T5 arg5,
        T6 arg6,
        T7 arg7,
        T8 arg8,
        T9 arg9,
        T10 arg10,
        T11 arg11,
        T12 arg12);
  }

  /// Describes a library call of thirteen arguments.
  @FunctionalInterface
  public interface LibraryTask13<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>
      extends Serializable {
    /// @return what to call, with which arguments
    LibraryTaskDescriptor apply(
        T1 arg1,
        T2 arg2,
        T3 arg3,
        T4 arg4,
        T5 arg5,
        T6 arg6,
        T7 arg7,
        T8 arg8,
        T9 arg9,
        T10 arg10,
        T11 arg11,
        T12 arg12,
        T13 arg13);
  }

  /// Describes a library call of fourteen arguments.
  @FunctionalInterface
  public interface LibraryTask14<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14>
      extends Serializable {
    /// @return what to call, with which arguments
    LibraryTaskDescriptor apply(
        T1 arg1,
        T2 arg2,
        T3 arg3,
        T4 arg4,
        T5 arg5,
        T6 arg6,
        T7 arg7,
        T8 arg8,
        T9 arg9,
        T10 arg10,
        T11 arg11,
        T12 arg12,
        T13 arg13,
        T14 arg14);
  }

  /// Describes a library call of fifteen arguments.
  @FunctionalInterface
  public interface LibraryTask15<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15>
      extends Serializable {
    /// @return what to call, with which arguments
    LibraryTaskDescriptor apply(
        T1 arg1,
        T2 arg2,
        T3 arg3,
        T4 arg4,
        T5 arg5,
        T6 arg6,
        T7 arg7,
        T8 arg8,
        T9 arg9,
        T10 arg10,
        T11 arg11,
        T12 arg12,
        T13 arg13,
        T14 arg14,
        T15 arg15);
  }

  /// Describes a library call of sixteen arguments.
  @FunctionalInterface
  public interface LibraryTask16<
          T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16>
      extends Serializable {
    /// @return what to call, with which arguments
    LibraryTaskDescriptor apply(
        T1 arg1,
        T2 arg2,
        T3 arg3,
        T4 arg4,
        T5 arg5,
        T6 arg6,
        T7 arg7,
        T8 arg8,
        T9 arg9,
        T10 arg10,
        T11 arg11,
        T12 arg12,
        T13 arg13,
        T14 arg14,
        T15 arg15,
        T16 arg16);
  }

  /// Describes a library call of seventeen arguments.
  @FunctionalInterface
  public interface LibraryTask17<
          T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17>
      extends Serializable {
    /// @return what to call, with which arguments
    LibraryTaskDescriptor apply(
        T1 arg1,
        T2 arg2,
        T3 arg3,
        T4 arg4,
        T5 arg5,
        T6 arg6,
        T7 arg7,
        T8 arg8,
        T9 arg9,
        T10 arg10,
        T11 arg11,
        T12 arg12,
        T13 arg13,
        T14 arg14,
        T15 arg15,
        T16 arg16,
        T17 arg17);
  }

  /// Describes a library call of eighteen arguments.
  @FunctionalInterface
  public interface LibraryTask18<
          T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17, T18>
      extends Serializable {
    /// @return what to call, with which arguments
    LibraryTaskDescriptor apply(
        T1 arg1,
        T2 arg2,
        T3 arg3,
        T4 arg4,
        T5 arg5,
        T6 arg6,
        T7 arg7,
        T8 arg8,
        T9 arg9,
        T10 arg10,
        T11 arg11,
        T12 arg12,
        T13 arg13,
        T14 arg14,
        T15 arg15,
        T16 arg16,
        T17 arg17,
        T18 arg18);
  }

  /// Describes a library call of nineteen arguments.
  @FunctionalInterface
  public interface LibraryTask19<
          T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17, T18, T19>
      extends Serializable {
    /// @return what to call, with which arguments
    LibraryTaskDescriptor apply(
        T1 arg1,
        T2 arg2,
        T3 arg3,
        T4 arg4,
        T5 arg5,
        T6 arg6,
        T7 arg7,
        T8 arg8,
        T9 arg9,
        T10 arg10,
        T11 arg11,
        T12 arg12,
        T13 arg13,
        T14 arg14,
        T15 arg15,
        T16 arg16,
        T17 arg17,
        T18 arg18,
        T19 arg19);
  }

  /// Describes a library call of twenty arguments.
  @FunctionalInterface
  public interface LibraryTask20<
          T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17, T18, T19, T20>
      extends Serializable {
    /// @return what to call, with which arguments
    LibraryTaskDescriptor apply(
        T1 arg1,
        T2 arg2,
        T3 arg3,
        T4 arg4,
        T5 arg5,
        T6 arg6,
        T7 arg7,
        T8 arg8,
        T9 arg9,
        T10 arg10,
        T11 arg11,
        T12 arg12,
        T13 arg13,
        T14 arg14,
        T15 arg15,
        T16 arg16,
        T17 arg17,
        T18 arg18,
        T19 arg19,
        T20 arg20);
  }
}
