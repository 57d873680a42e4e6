package dev.sluice.embedded.engine;

/// A kernel bound to its arguments whose parallel loops can be run in parts.
///
/// Implemented by classes made at run time; public for their sake.
public interface SplitKernel {

  /// @return how many iterations the outermost parallel loop has
  int length();

  /// Runs the share `part` of `parts` of the outermost parallel loop and, of the next inner one,
  /// the share `innerPart` of `innerParts`.
  ///
  /// @param part which share of the outermost loop
  /// @param parts how many shares
  /// @param innerPart which share of the inner loop; 0 if there is none
  /// @param innerParts how many shares; 1 if there is none
  void run(int part, int parts, int innerPart, int innerParts);

  /// @param start a loop's first index
  /// @param bound its bound
  /// @param part which share
  /// @param parts how many shares
  /// @return the first index of that share; the bound of the share before
  static int begin(int start, int bound, int part, int parts) {
    return bound <= start ? start : start + (int) ((long) (bound - start) * part / parts);
  }
}
