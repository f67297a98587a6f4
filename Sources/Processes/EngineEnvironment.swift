import Glibc

/// What a process of ours that computes is to find in its environment: libraries read it once, when they are loaded.
public enum EngineEnvironment {
  /// Processors of this machine.
  public static var processors: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

  /// Variables for an engine of so many threads. Waiting threads sleep, after a moment that is shorter than waking them: on
  /// a machine with other work a team that spins takes several times as long.
  public static func variables(threads: Int) -> [String: String] {
    [
      "OMP_NUM_THREADS": String(threads), "OPENBLAS_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE",
      "GOMP_SPINCOUNT": "1000",
    ]
  }
}
