import Glibc
import SystemPackage

/// So that no other child that is started meanwhile inherits it and keeps it open.
public func closeOnExec(_ file: FileDescriptor) {
  _ = fcntl(file.rawValue, F_SETFD, FD_CLOEXEC)
}
