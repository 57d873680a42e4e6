package dev.sluice.tasks.names;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NearestNameTest {
  private static final List<String> KNOWN = List.of("hidden_size", "num_heads", "gla", "attention");

  @Test
  void findsTyposAndSwaps() {
    assertEquals(Optional.of("hidden_size"), NearestName.of("hiden_size", KNOWN));
    assertEquals(Optional.of("gla"), NearestName.of("gal", KNOWN));
    assertEquals(Optional.of("attention"), NearestName.of("Atention", KNOWN));
  }

  @Test
  void saysNothingWhenNothingIsNear() {
    assertEquals(Optional.empty(), NearestName.of("optimizer", KNOWN));
    assertEquals(Optional.empty(), NearestName.of("x", List.of()));
  }

  @Test
  void hintNamesTheNearestOrAll() {
    assertEquals("; did you mean num_heads?", NearestName.hint("num_head", KNOWN));
    assertEquals(
        "; known: hidden_size, num_heads, gla, attention", NearestName.hint("optimizer", KNOWN));
  }

  @Test
  void distanceCountsEdits() {
    assertEquals(0, NearestName.distance("abc", "abc"));
    assertEquals(3, NearestName.distance("", "abc"));
    assertEquals(3, NearestName.distance("kitten", "sitting"));
    assertEquals(1, NearestName.distance("ab", "ba"));
  }
}
