import ArgumentParser
import Contract
import Engine
import Files
import Glibc
import Imaging
import Popcorn
import Terminal

/// An error in one clear line, with the code that the program exits with.
struct Fault: Error, CustomStringConvertible {
  var code: Contract.ExitCode
  var description: String

  init(_ code: Contract.ExitCode, _ description: String) {
    self.code = code
    self.description = description
  }

  /// What an error of ours amounts to. `subject` is what was being worked on.
  init(_ error: any Error, about subject: String? = nil) {
    let prefix = subject.map { "\($0): " } ?? ""
    switch error {
    case let fault as Fault: self = fault
    case let fault as FileFault:
      let code: Contract.ExitCode =
        switch fault.errno {
        case .noSuchFileOrDirectory: .noInput
        case .permissionDenied, .notPermitted: .noPermission
        case .noSpace, .readOnlyFileSystem: .cannotCreate
        default: .ioError
        }
      self.init(code, fault.description)
    case let rejection as Rejection:
      let (reason, numbers) = (rejection.reason, rejection.numbers)
      self.init(
        .dataError, "\(prefix)\(rejection). \(reason.explanation(with: numbers)) \(reason.remedy)")
    case let error as ModelDamaged: self.init(.dataError, error.description)
    case let error as SafetensorsError: self.init(.dataError, "\(prefix)\(error)")
    case MethodError.unknown, MethodError.setting: self.init(.usage, "\(prefix)\(error)")
    case let error as MethodError: self.init(.configuration, "\(prefix)\(error)")
    case let error as EngineError: self.init(.software, "\(prefix)\(error)")
    default: self.init(.software, "\(prefix)\(error)")
    }
  }
}

/// Runs a command's body; an error becomes one line on standard error and an exit code.
func reportingFaults(_ body: () throws -> Void) throws {
  do {
    try body()
  } catch let code as ArgumentParser.ExitCode {
    throw code
  } catch {
    let fault = Fault(error)
    standardError("popcorn: \(fault.description)\n")
    throw ArgumentParser.ExitCode(fault.code.rawValue)
  }
}
