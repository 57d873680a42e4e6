#!/usr/bin/env bash
# Sluice's environment. Source it, or put a command behind it:
#
#     source env.sh                      then: sluice train --task mqar
#     ./env.sh sluice train --task mqar
#     ./env.sh ./mvnw verify
#
# It finds a JDK 25 or later (JAVA_HOME, PATH) and defines the command `sluice`, which builds on first use.
# TORNADOVM_HOME, if set, names an installed TornadoVM SDK; without it the embedded runtime is used.
# SLUICE_JAVA_OPTIONS holds further options of the JVM; SLUICE_VERBOSE=1 says which runtime is used.
# Everything said here goes to standard error: standard output belongs to the command.

if [ -z "${BASH_VERSION:-}" ]; then
  echo "sluice: env.sh is written for bash; from another shell run it with a command: ./env.sh sluice …" >&2
  return 1 2>/dev/null || exit 1
fi

_sluice_root="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

_sluice_say() { printf 'sluice: %s\n' "$*" >&2; }

# The release file of a JDK tells its version without starting it. The compiler must be there, too: a JRE cannot build.
_sluice_is_jdk() {
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  local major
  major="$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")"
  [ -n "$major" ] && [ "$major" -ge 25 ]
}

_sluice_find_jdk() {
  local home
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/*25* "$HOME"/.sdkman/candidates/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home /usr/lib/jvm/*; do
    if [ -n "$home" ] && _sluice_is_jdk "$home"; then
      printf '%s\n' "$home"
      return 0
    fi
  done
  command -v java >/dev/null 2>&1 || return 1
  home="$(java -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.home = //p')"
  [ -n "$home" ] && _sluice_is_jdk "$home" && printf '%s\n' "$home"
}

_sluice_setup() {
  local home
  if ! home="$(_sluice_find_jdk)"; then
    _sluice_say "no JDK 25 or later found (looked at JAVA_HOME, the usual folders and PATH). Ways to get one:"
    _sluice_say "  SDKMAN            sdk install java 25-tem"
    _sluice_say "  Adoptium          an archive or a package from https://adoptium.net; then set JAVA_HOME to its folder"
    _sluice_say "  Debian, Ubuntu    sudo apt install openjdk-25-jdk-headless"
    return 1
  fi
  export JAVA_HOME="$home"
  case ":$PATH:" in
    *":$JAVA_HOME/bin:"*) ;;
    *) export PATH="$JAVA_HOME/bin:$PATH" ;;
  esac
  if [ -n "${TORNADOVM_HOME:-}" ] && [ ! -r "$TORNADOVM_HOME/tornado-argfile" ]; then
    _sluice_say "TORNADOVM_HOME is $TORNADOVM_HOME, but there is no tornado-argfile in it:" \
      "set it to the folder of a TornadoVM SDK 5.2.0 or later, or unset it to use the embedded runtime."
    return 1
  fi
  if [ -n "${TORNADOVM_HOME:-}" ]; then _sluice_check_sdk || return 1; fi
}

# The SDK's file names tell its version and the JDK that it was built for; another JDK would not start with its options.
_sluice_check_sdk() {
  local api version jdk
  for api in "$TORNADOVM_HOME"/share/java/tornado/tornado-api-*.jar; do
    version="${api##*/tornado-api-}"
    version="${version%.jar}"
    case "$version" in
      *-jdk*)
        jdk="${version##*-jdk}"
        if [ "$jdk" -lt 25 ] 2>/dev/null; then
          _sluice_say "the TornadoVM SDK at $TORNADOVM_HOME is $version, for JDK $jdk; install 5.2.0 or later for JDK 25."
          return 1
        fi
        ;;
    esac
  done
}

_sluice_report() {
  _sluice_say "JDK at $JAVA_HOME"
  if [ -n "${TORNADOVM_HOME:-}" ]; then
    _sluice_say "runtime: the TornadoVM SDK at $TORNADOVM_HOME"
  else
    _sluice_say "runtime: embedded, on this JVM (set TORNADOVM_HOME to use a TornadoVM SDK)"
  fi
}

_sluice_is_built() {
  local stamp="$_sluice_root/cli/target/.built"
  [ -f "$stamp" ] && [ -d "$_sluice_root/cli/target/lib" ] && [ -d "$_sluice_root/cli/target/embedded" ] || return 1
  local newer
  newer="$(cd "$_sluice_root" && find pom.xml ./*/pom.xml {tornado-embedded,tornado-tasks,layers,cli}/src/main \
    -type f -newer "$stamp" -print 2>/dev/null | head -n 1)"
  [ -z "$newer" ]
}

# The stamp is as old as the beginning of the build: a source saved meanwhile is newer. A failed build leaves none.
_sluice_build() (
  cd "$_sluice_root" || exit 1
  # One build at a time, where the system has a lock to offer.
  if command -v flock >/dev/null 2>&1; then
    exec 9<"$_sluice_root"
    flock 9
    if _sluice_is_built; then exit 0; fi
  fi
  _sluice_say "building (once, and again after a source has changed) …"
  mkdir -p cli/target
  rm -f cli/target/.built
  touch cli/target/.building
  if ./mvnw -q -B -Dquick -DskipTests package 1>&2 9<&-; then
    _sluice_prepare
    mv cli/target/.building cli/target/.built
  else
    rm -f cli/target/.building
    _sluice_say "the build failed: the lines above say why."
    exit 1
  fi
)

# What every start of the embedded runtime gives to the JVM: options and class path.
_sluice_embedded() {
  local target="$_sluice_root/cli/target"
  local jars=("$target"/cli-*.jar)
  # What training throws away is small; an unbounded young generation would hold three times the planned memory of it,
  # and each page of it that is touched for the first time has to be cleared.
  options=(--add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED -XX:+UseParallelGC -XX:MaxNewSize=32m -Xlog:gc+ergo=off)
  path="${jars[0]}:$target/lib/*:$target/embedded/*"
}

# What every start on an installed SDK gives to the JVM. Its argfile allows native access to the modules of some backends
# only (not to those of CUDA), and Sluice asks the drivers for their memory: all that the argfile adds gets it. What
# TornadoVM is to be told otherwise is said in RuntimeSettings, so that applications which embed Sluice have it, too.
_sluice_installed() {
  local target="$_sluice_root/cli/target"
  local jars=("$target"/cli-*.jar)
  local modules
  modules="$(sed -n 's/^--add-modules[ =]//p' "$TORNADOVM_HOME/tornado-argfile" |
    tr -d ' \r' | tr ',' '\n' | sed -n '/^tornado\./p' | tr '\n' ',')"
  options=("@$TORNADOVM_HOME/tornado-argfile" "--enable-native-access=${modules}ALL-UNNAMED")
  path="${jars[0]}:$target/lib/*"
}

# What later starts take from a build, for a first training step that is not held up by the JVM: which kernels to compile
# early, and an archive of the classes of a short training run. The AOT cache of JDK 25 would be the first choice, but with
# an incubator module it keeps neither linked classes nor lambdas nor profiles, and starts slower than this archive.
# A JVM that cannot make or use them starts without, as it would have before.
_sluice_prepare() {
  local options path target="$_sluice_root/cli/target"
  local archive="$target/sluice.jsa" commands="$target/sluice.compile"
  rm -f "$archive" "$commands"
  _sluice_embedded
  "$JAVA_HOME/bin/java" "${options[@]}" -cp "$path" dev.sluice.cli.CompileCommands >"$commands" 2>/dev/null 9<&- ||
    rm -f "$commands"
  "$JAVA_HOME/bin/java" "${options[@]}" -XX:ArchiveClassesAtExit="$archive" -cp "$path" dev.sluice.cli.Sluice \
    bench cpu --first-step >/dev/null 2>&1 9<&- || rm -f "$archive"
}

# The JVM greets each start with a warning that the Vector API is an incubator module, and no option turns it off. It is
# the first line: drop it and hand on the rest byte by byte as it comes, also after Ctrl-C, which reaches this process too.
_sluice_without_greeting() {
  trap '' INT TERM
  local line
  if IFS= read -r line; then
    case "$line" in
      "WARNING: Using incubator modules"*) ;;
      *) printf '%s\n' "$line" ;;
    esac
  else
    printf '%s' "$line"
  fi
  exec cat
}

# Whether the system gives pages of 2 MB to programs that ask for them. The JVM would say so where it does not.
_sluice_has_huge_pages() {
  local enabled=/sys/kernel/mm/transparent_hugepage/enabled pages=
  [ -r "$enabled" ] && read -r pages <"$enabled"
  case "$pages" in
    *'[madvise]'* | *'[always]'*) return 0 ;;
    *) return 1 ;;
  esac
}

# Becomes the JVM: exit code, signals, working directory and terminal are the command's own.
_sluice_exec() {
  _sluice_is_built || _sluice_build || exit 1
  if [ "${SLUICE_VERBOSE:-}" = 1 ]; then _sluice_report; fi
  local target="$_sluice_root/cli/target"
  local options path
  if [ -n "${TORNADOVM_HOME:-}" ]; then
    _sluice_installed
  else
    _sluice_embedded
    # The kernels' thresholds are parts of the JVM's. A loop's is thirty times the JVM's: kernels are short and called
    # often, and what a loop has compiled while it runs is compiled again for the next call.
    if [ -r "$target/sluice.compile" ]; then
      options+=(-XX:CompileCommandFile="$target/sluice.compile" -XX:Tier4BackEdgeThreshold=1200000)
    fi
    if [ -r "$target/sluice.jsa" ]; then
      options+=(-XX:SharedArchiveFile="$target/sluice.jsa" -Xlog:aot=off -Xlog:cds=off)
    fi
    # Memory touched for the first time is cleared by the system page by page, for a small model longer than a step takes.
    if _sluice_has_huge_pages; then options+=(-XX:+UseTransparentHugePages); fi
    # On few cores the JVM takes one thread for C2 alone; the first step waits for that one.
    if [ "$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 4)" -lt 4 ]; then options+=(-XX:CICompilerCount=3); fi
  fi
  # Words are split on purpose: the variable holds several options.
  # shellcheck disable=SC2206
  options+=(${SLUICE_JAVA_OPTIONS:-})
  exec "$JAVA_HOME/bin/java" "${options[@]}" -cp "$path" dev.sluice.cli.Sluice "$@" \
    2> >(_sluice_without_greeting >&2)
}

sluice() ( _sluice_exec "$@" )

if [ "${BASH_SOURCE[0]}" != "$0" ]; then
  if _sluice_setup; then _sluice_report; else return 1; fi
elif [ $# -eq 0 ]; then
  _sluice_say "usage: ./env.sh COMMAND …  (for example ./env.sh sluice --help), or: source env.sh"
  exit 2
else
  _sluice_setup || exit 1
  if [ "$1" = sluice ]; then
    shift
    _sluice_exec "$@"
  else
    exec "$@"
  fi
fi
