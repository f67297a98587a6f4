import Files
import SystemPackage

/// Writes a line to standard output. Throws `FileFault` where it cannot be written: a result that is lost is no success.
public func standardOutput(_ text: String, terminator: String = "\n") throws {
  do {
    _ = try FileDescriptor.standardOutput.writeAll(Array((text + terminator).utf8))
  } catch let errno as Errno {
    throw FileFault("write", "standard output", errno)
  }
}

/// Writes to standard error; nobody is left to tell where that fails.
public func standardError(_ text: String) { _ = try? FileDescriptor.standardError.writeAll(Array(text.utf8)) }
