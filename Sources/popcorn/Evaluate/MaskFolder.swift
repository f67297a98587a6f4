import Contract
import Files
import Glibc
import SystemPackage

/// The images of a folder, and of the subjects' folders of a BIDS dataset in it, that may be masks.
struct MaskFolder {
  /// What its name calls a mask, or nothing else; none of the brain, of tissues, or kept of an older generation.
  private(set) var masks: [(MaskName, FilePath)] = []
  /// What its name calls a scan.
  private(set) var scans: [(MaskName, FilePath)] = []

  /// Throws `Fault` for what is an image by its name and none that can be read here: a mean over the others would flatter.
  init(_ path: FilePath) throws { try take(path) }

  /// Whether a folder is there. Throws `FileFault` where that cannot be told, nothing being there for one.
  static func isFolder(_ path: FilePath) throws(FileFault) -> Bool {
    var status = stat()
    guard path.withPlatformString({ stat($0, &status) }) == 0 else {
      throw FileFault("open", path, Errno(rawValue: errno))
    }
    return status.st_mode & S_IFMT == S_IFDIR
  }

  private mutating func take(_ folder: FilePath) throws {
    for entry in try Directory(folder).names() {
      let (name, path) = (entry.string, folder.appending(entry.string))
      guard !name.hasPrefix(".") else { continue }
      if MaskFolder.isOfBIDS(name), fileType(of: folder.pushing(entry)) == S_IFDIR {
        try take(path)
        continue
      }
      guard !MaskFolder.isForeign(name) else {
        throw Fault(.dataError, "\(path) cannot be read here: convert it to NIfTI (.nii.gz), or take it out")
      }
      guard ImageName.isOurs(name) else { continue }
      try ImageName.check(entry, in: folder)
      let lower = name.lowercased()
      if lower.contains("_flair.") {
        scans.append((MaskName(name), path))
      } else if !["_brainmask.", "_probseg."].contains(where: lower.contains) {
        let mask = MaskName(name)
        if mask.origin == nil || mask.origin == .expert { masks.append((mask, path)) }
      }
    }
  }

  private static func isOfBIDS(_ folder: String) -> Bool {
    folder == "anat" || ["sub-", "ses-"].contains(where: folder.hasPrefix)
  }

  private static func isForeign(_ name: String) -> Bool {
    [".hdr", ".img", ".mgz", ".mgh", ".nrrd", ".nhdr", ".mha", ".mhd", ".mnc", ".nia", ".niz"]
      .contains(where: name.lowercased().hasSuffix)
  }
}
