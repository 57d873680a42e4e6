package dev.sluice.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "conform")
final class ConformCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    return 0;
  }
}
