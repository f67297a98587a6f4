import CLinux
import Glibc
import SystemPackage

/// So that no other child that is started meanwhile inherits it and keeps it open.
public func closeOnExec(_ file: FileDescriptor) {
  _ = fcntl(file.rawValue, F_SETFD, FD_CLOEXEC)
}

/// A pipe of which no other child that is started meanwhile inherits an end.
public func privatePipe() throws(Errno) -> (readEnd: FileDescriptor, writeEnd: FileDescriptor) {
  var ends: [Int32] = [0, 0]
  guard linux_pipe(&ends) == 0 else { throw Errno(rawValue: Glibc.errno) }
  return (FileDescriptor(rawValue: ends[0]), FileDescriptor(rawValue: ends[1]))
}
