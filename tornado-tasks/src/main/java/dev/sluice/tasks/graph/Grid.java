package dev.sluice.tasks.graph;

/// How many work-items a task has. [#PARALLEL] leaves it to the `@Parallel` loops of the kernel.
///
/// @param globalX work-items along x: work-groups times `localX`
/// @param globalY along y
/// @param localX work-items of a group along x
/// @param localY along y
/// @param resident work-items that a multiprocessor must have registers for at a time, on devices
///   whose compiler can be told; 0 if it is left to the compiler
public record Grid(int globalX, int globalY, int localX, int localY, int resident) {
  /// The kernel's `@Parallel` loops say how many work-items there are.
  public static final Grid PARALLEL = new Grid(0, 0, 0, 0, 0);

  /// `groups` work-groups of `local` work-items each, in one dimension.
  public static Grid groups(int groups, int local) {
    return new Grid(groups * local, 1, local, 1, 0);
  }

  /// `groupsX × groupsY` work-groups of `local` work-items along x each.
  public static Grid groups(int groupsX, int groupsY, int local) {
    return new Grid(groupsX * local, groupsY, local, 1, 0);
  }

  /// The same, with registers for so many work-items of a multiprocessor at a time: the compiler
  /// takes no more for one, and writes what it has no room for to memory.
  public Grid resident(int items) {
    return new Grid(globalX, globalY, localX, localY, items);
  }
}
