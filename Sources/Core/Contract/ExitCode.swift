/// What every program of ours exits with. From 64 on the numbers are those of sysexits.h, which systemd prints by name.
public enum ExitCode: Int32, Sendable, CaseIterable {
  /// Done, healthy.
  case success = 0
  /// Failure without a better code.
  case failure = 1
  /// Wrong usage.
  case usage = 2
  /// The service is not running (LSB).
  case notRunning = 3
  /// No such case, model or study.
  case notFound = 4
  /// `check`: at least one file would be held, or waits.
  case wouldHold = 5
  /// `check`: at least one file would be rejected.
  case wouldReject = 6
  /// `audit verify`: mismatch found.
  case mismatch = 7
  /// EX_DATAERR: the input is not what it should be.
  case dataError = 65
  /// EX_NOINPUT: an input file is not there or not readable.
  case noInput = 66
  /// EX_SOFTWARE: a fault of ours.
  case software = 70
  /// EX_CANTCREAT: an output cannot be made.
  case cannotCreate = 73
  /// EX_IOERR: reading or writing failed.
  case ioError = 74
  /// EX_TEMPFAIL: try again later; another service has the state directory.
  case temporaryFailure = 75
  /// EX_NOPERM: permission denied.
  case noPermission = 77
  /// EX_CONFIG: the configuration is wrong.
  case configuration = 78
}
