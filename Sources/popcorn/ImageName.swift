import Contract
import Glibc
import SystemPackage

/// What a file's name says of an image.
enum ImageName {
  /// Whether the name is that of an image that is read here.
  static func isOurs(_ name: String) -> Bool { [".nii", ".nii.gz"].contains(where: name.lowercased().hasSuffix) }

  /// Throws `Fault` for an image by its name that no program could read.
  static func check(_ name: FilePath, in folder: FilePath) throws(Fault) {
    guard FilePath(name.string) == name else {
      throw Fault(.dataError, "\(folder)/\(name): the name is not UTF-8: rename the file")
    }
    // What cannot be looked at is for those to name who read it.
    guard [nil, S_IFREG].contains(fileType(of: folder.appending(name.string))) else {
      throw Fault(.dataError, "\(folder)/\(name) is no file, whatever its name says: take it out")
    }
  }
}
