package dev.sluice.data;

/// Numbered examples of equal length. An example is a function of its number: it can be read again,
/// in any order, from any thread. What is trained on and what is held out are two datasets.
public interface Dataset {
  /// The label of a position that has no target.
  int IGNORED = -100;

  /// What it is, for messages: `mqar` or the path of a text.
  String name();

  /// Identifies the content: equal for two datasets exactly if their examples are the same (as far
  /// as a checksum can tell). A resumed run compares it.
  String fingerprint();

  /// `V`: ids and labels are 0 … V−1.
  int vocabulary();

  /// `T`: tokens in an example.
  int length();

  /// Number of examples, `Long.MAX_VALUE` if there is no end.
  long size();

  /// Writes example `index`.
  ///
  /// @param index 0 … size−1
  /// @param ids the tokens, `[T]` from `idsOffset` on: Overwritten
  /// @param labels the target of the logits at each position, or [#IGNORED], `[T]` from
  ///   `labelsOffset` on: Overwritten
  /// @throws IndexOutOfBoundsException if there is no such example
  void example(long index, int[] ids, int idsOffset, int[] labels, int labelsOffset);

  /// The first `examples` examples of this dataset, or all if it has fewer.
  default Dataset first(long examples) {
    return examples >= size() ? this : new FirstExamples(this, examples);
  }
}
