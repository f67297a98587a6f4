import Glibc
import SystemPackage

/// Whether a file of ours is there.
func isThere(_ path: FilePath) -> Bool { access(path.string, F_OK) == 0 }

/// Removes a file of ours in the state directory; never called with a path of a share.
func removeOwn(_ path: FilePath) { unlink(path.string) }
