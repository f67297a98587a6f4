import Contract

/// What a file is that is no NIfTI, told by how it begins.
struct ForeignFormat {
  let rejection: Rejection

  private struct Mark {
    var place = 0
    var bytes: [UInt8]
    var reason: ReasonCode
    var name: String

    init(_ text: String, at place: Int = 0, _ reason: ReasonCode, _ name: String) {
      self.init(Array(text.utf8), at: place, reason, name)
    }

    init(_ bytes: [UInt8], at place: Int = 0, _ reason: ReasonCode, _ name: String) {
      (self.place, self.bytes, self.reason, self.name) = (place, bytes, reason, name)
    }
  }

  private static let marks: [Mark] = [
    Mark("PK\u{3}\u{4}", .archive, "zip"), Mark("7z", .archive, "7z"), Mark("Rar!", .archive, "rar"),
    Mark("BZh", .archive, "bzip2"), Mark([0xfd, 0x37, 0x7a, 0x58, 0x5a], .archive, "xz"),
    Mark([0x28, 0xb5, 0x2f, 0xfd], .archive, "zstd"), Mark("ustar", at: 257, .archive, "tar"),
    Mark("NRRD", .formatUnsupported, "NRRD"),
    Mark("ObjectType", .formatUnsupported, "MetaImage: convert with c3d"),
    Mark("CDF", .formatUnsupported, "MINC: convert with mnc2nii"),
    Mark([0x89, 0x48, 0x44, 0x46], .formatUnsupported, "HDF5 or MINC 2: convert with mnc2nii"),
    Mark("DICM", at: 128, .dicom, "DICOM: convert with dcm2niix"),
    Mark("version https://git-lfs", .pointerFile, "git-lfs pointer: git lfs pull"),
    Mark("/annex/objects/", .pointerFile, "git-annex pointer: datalad get"),
    Mark("../.git/annex", .pointerFile, "git-annex pointer: datalad get"),
    Mark("%PDF", .notNifti, "PDF"), Mark([0xff, 0xd8, 0xff], .notNifti, "JPEG"),
    Mark([0x89, 0x50, 0x4e, 0x47], .notNifti, "PNG"), Mark("GIF8", .notNifti, "GIF"),
    Mark("II*\u{0}", .notNifti, "TIFF"), Mark("<!DOCTYPE", .notNifti, "web page"), Mark("<html", .notNifti, "web page"),
    Mark("<?xml", .notNifti, "XML"), Mark("{", .notNifti, "JSON"),
  ]

  /// nil where the bytes begin like nothing that is known to be something else.
  init?(_ beginning: [UInt8]) {
    for mark in Self.marks where beginning.dropFirst(mark.place).starts(with: mark.bytes) {
      // Short marks of text could be the first bytes of a damaged header; there they do not count.
      guard mark.bytes.count > 1 || Self.isText(beginning) else { continue }
      rejection = Rejection(.reject, mark.reason, ["looks like": mark.name])
      return
    }
    if Self.isFreeSurfer(beginning) {
      rejection = Rejection(.reject, .formatUnsupported, ["looks like": "MGH: convert with mri_convert"])
      return
    }
    if beginning.count >= 16, beginning.allSatisfy({ $0 == 0 }) {
      rejection = Rejection(.wait, .incomplete, ["beginning": "zeros: not written yet"])
      return
    }
    if beginning.count < 348, Self.isText(beginning) {
      rejection = Rejection(.reject, .notNifti, ["looks like": "text"])
      return
    }
    return nil
  }

  /// What bytes without a NIfTI magic look like.
  static func guess(_ beginning: [UInt8]) -> Rejection? {
    isText(beginning) ? Rejection(.reject, .notNifti, ["looks like": "text"]) : nil
  }

  private static func isText(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 8 && bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7f || (9...13).contains($0) }
  }

  /// MGH: version 1, three sizes and one frame count, big-endian; then a known type.
  private static func isFreeSurfer(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 24 else { return false }
    let words = HeaderBytes(bytes: bytes, isBigEndian: true)
    let numbers = (0..<6).map { words.integer(Int32.self, at: 4 * $0) }
    return numbers[0] == 1 && numbers[1...4].allSatisfy { (1...4096).contains($0) } && (0...4).contains(numbers[5])
  }
}
