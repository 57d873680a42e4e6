package dev.sluice.tasks.graph;

/// How many work-items a task has. [#PARALLEL] leaves it to the `@Parallel` loops of the kernel.
///
/// @param globalX work-items along x: work-groups times `localX`
/// @param globalY along y
/// @param localX work-items of a group along x
/// @param localY along y
public record Grid(int globalX, int globalY, int localX, int localY) {
  /// The kernel's `@Parallel` loops say how many work-items there are.
  public static final Grid PARALLEL = new Grid(0, 0, 0, 0);

  /// `groups` work-groups of `local` work-items each, in one dimension.
  public static Grid groups(int groups, int local) {
    return new Grid(groups * local, 1, local, 1);
  }

  /// `groupsX × groupsY` work-groups of `local` work-items along x each.
  public static Grid groups(int groupsX, int groupsY, int local) {
    return new Grid(groupsX * local, groupsY, local, 1);
  }
}
