import Files
import SystemPackage

/// What a regular file in an inbox is, judged by its name alone. Content is popcorn-admit's business.
public enum FileKind: String, Sendable, Codable, CaseIterable {
  /// `.nii`, `.nii.gz`: a scan or a label.
  case volume
  /// A volume whose stem ends in `_brainmask`, or that lies in a folder `brainmasks`.
  case brainMask
  /// `.hdr` or `.img`: half of a NIfTI pair, or Analyze 7.5.
  case pairHalf
  /// `.nrrd`, `.seg.nrrd`: a label map out of Slicer, known so that its refusal can say how to convert it.
  case labelMap
  /// `.json`, `.tsv` (also `pairs.tsv`): read when it belongs to an image.
  case sidecar
  /// `.zip`, `.tar.gz`, `.7z` and their like.
  case archive
  /// `.dcm`, `.ima`, `DICOMDIR`.
  case dicom
  /// An image format that we do not read: `.mgz`, `.mha`, `.mnc`.
  case unsupported
  /// Nothing that we know: counted, left alone.
  case other
}

extension FileKind {
  /// Whether a file of such a name is dropped to be taken. What it really is its content says.
  public var isOffered: Bool {
    switch self {
    case .volume, .brainMask, .pairHalf, .labelMap, .archive, .dicom, .unsupported: true
    case .sidecar, .other: false
    }
  }
}

/// A file's name: its bytes as the kernel has them, and what they say.
public struct FileName: Sendable, Hashable {
  /// The bytes of the last path component.
  public let bytes: [UInt8]

  /// A name of these bytes.
  public init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

  /// The last component of `path`. (`Component.string` would repair what is not UTF-8.)
  public init(of path: FilePath) {
    let bytes = path.rawBytes
    self.init(bytes.lastIndex(of: UInt8(ascii: "/")).map { bytes[($0 + 1)...] } ?? bytes[...])
  }

  /// The bytes with ASCII capitals made small, for everything that ignores case.
  public var lowercased: [UInt8] { bytes.map(FileName.lowercase) }

  /// The name without its volume extension (`.nii.gz`, `.seg.nrrd`, …); without the last extension where it has none
  /// of these.
  public var stem: [UInt8] {
    if let extent = FileName.volumeExtensions.first(where: hasSuffix) {
      return Array(bytes.dropLast(extent.utf8.count))
    }
    guard let dot = bytes.lastIndex(of: UInt8(ascii: ".")), dot > 0 else { return bytes }
    return Array(bytes[..<dot])
  }

  /// The name of the JSON file that belongs to a volume of this name.
  public var sidecar: FileName { FileName(stem + ".json".utf8) }

  /// Whether this is a `pairs.tsv`.
  public var isPairsTable: Bool { lowercased.elementsEqual(PairsTable.name.utf8) }

  /// Whether it is named as a receipt that asks something of a person.
  public var isRequest: Bool { hasSuffix(".held.txt") || hasSuffix(".rejected.txt") }

  /// The names that the other half of a NIfTI pair may have, the likeliest first: `a.img` and `a.IMG` for `a.hdr`.
  /// None where this is no half.
  public var otherHalf: [FileName] {
    guard let isVoxels = [".hdr": false, ".img": true].first(where: { hasSuffix($0.key) })?.value else { return [] }
    let endings = isVoxels ? [".hdr", ".HDR"] : [".img", ".IMG"]
    let isCapital = bytes.last.map { FileName.lowercase($0) != $0 } == true
    return (isCapital ? endings.reversed() : endings).map { FileName(stem + Array($0.utf8)) }
  }

  /// Whether this is the `.img` of a pair: its header stands for both.
  public var isVoxelHalf: Bool { hasSuffix(".img") }

  /// Whether a volume or half a pair of this name in the folder `folder` is a brain mask.
  public func isBrainMask(inFolder folder: [UInt8]) -> Bool {
    guard [".nii.gz", ".nii", ".hdr", ".img"].contains(where: hasSuffix) else { return false }
    return stem.map(FileName.lowercase).suffix(10).elementsEqual("_brainmask".utf8)
      || folder.map(FileName.lowercase).elementsEqual("brainmasks".utf8)
  }

  /// Whether the name ends in `suffix` (given in small letters), whatever the case.
  public func hasSuffix(_ suffix: String) -> Bool {
    bytes.count > suffix.utf8.count
      && bytes.suffix(suffix.utf8.count).lazy.map(FileName.lowercase).elementsEqual(suffix.utf8)
  }

  /// What a file of this name in the folder `folder` (the last component of its parent) is.
  public func kind(inFolder folder: [UInt8]) -> FileKind {
    if hasSuffix(".nii.gz") || hasSuffix(".nii") { return isBrainMask(inFolder: folder) ? .brainMask : .volume }
    if lowercased.elementsEqual("dicomdir".utf8) { return .dicom }
    return FileName.extensions.first { hasSuffix($0.suffix) }?.kind ?? .other
  }

  static func lowercase(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 32 : byte
  }

  private static let volumeExtensions = [".nii.gz", ".nii", ".seg.nrrd", ".nrrd", ".hdr", ".img"]

  private static let extensions: [(suffix: String, kind: FileKind)] =
    [".hdr", ".img"].map { ($0, .pairHalf) } + [(".nrrd", .labelMap)] + [".json", ".tsv"].map { ($0, .sidecar) }
    + [".zst", ".bz2", ".xz", ".zip", ".tar", ".tgz", ".gz", ".7z", ".rar"].map { ($0, .archive) }
    + [".dcm", ".dicom", ".ima"].map { ($0, .dicom) }
    + [".mgz", ".mgh", ".mha", ".mhd", ".mnc", ".nhdr", ".gii", ".par", ".rec"].map { ($0, .unsupported) }
}
