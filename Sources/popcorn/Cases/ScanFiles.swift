import Contract
import Files
import Imaging
import Popcorn
import SystemPackage

/// Cases as files: reads, prepares and places; what is prepared is kept in a folder where there is one.
final class ScanFiles: CaseSource {
  let settings: PreparationSettings
  private let preparation: Preparation
  private let cache: PreparedCache?
  private let areCanonical: Bool

  /// - Parameter areCanonical: whether files are the service's own copies. It has judged values and places, and a person may
  ///   have released what it doubted: they are taken as they are.
  init(settings: PreparationSettings, cache: PreparedCache? = nil, areCanonical: Bool = false) {
    self.settings = settings
    preparation = Preparation(settings: settings)
    self.cache = cache
    self.areCanonical = areCanonical
  }

  /// Throws `Fault` where a file cannot be read, or the mask of the brain lies elsewhere.
  func open(_ scan: CaseReference) throws -> OpenedScan {
    areCanonical ? try OpenedScan(canonical: scan) : try OpenedScan(scan)
  }

  /// A scan with its way back to its own grid.
  /// Its header stays for what is written on that grid; its voxels do not.
  func prepare(_ scan: CaseReference) throws -> (prepared: Prepared, header: GeometryHeader) {
    let opened = try open(scan)
    return (try prepare(opened), opened.image.header)
  }

  func prepare(_ opened: OpenedScan) throws -> Prepared {
    try preparation.prepare(opened.image, brain: opened.brain, isReleased: opened.isReleased)
  }

  func volume(of scan: CaseReference) throws -> CaseVolume { try volume(of: scan, try open(scan)) }

  /// The same of a scan that was opened.
  func volume(of scan: CaseReference, _ opened: @autoclosure () throws -> OpenedScan) throws -> CaseVolume {
    let key = key(of: [scan.scan], of: scan)
    if let kept = cache?.volume(key, size: preparation.grid.size) { return kept }
    let prepared = try prepare(try opened())
    let volume = CaseVolume(image: prepared.image, brain: prepared.brain)
    cache?.keep(volume, under: key)
    return volume
  }

  func mask(_ mask: MaskReference, of scan: CaseReference) throws -> Volume<UInt8> {
    if mask.onReferenceGrid { return try pseudoLabel(mask) }
    if let kept = cache?.mask(key(of: mask, of: scan), size: preparation.grid.size) { return kept }
    let opened = try open(scan)
    return try place(mask, try drawn(mask, on: opened).image, of: scan, opened)
  }

  /// Reads and places a mask, and answers what is to be said of it. Throws `Fault` for what is no mask, or lies elsewhere than
  /// its scan.
  func look(at mask: MaskReference, of scan: CaseReference, _ opened: OpenedScan) throws -> [FileNotice] {
    let drawn = try drawn(mask, on: opened)
    if cache?.mask(key(of: mask, of: scan), size: preparation.grid.size) == nil {
      _ = try place(mask, drawn.image, of: scan, opened)
    }
    return drawn.notices
  }

  private func pseudoLabel(_ mask: MaskReference) throws -> Volume<UInt8> {
    let image = try Self.image(mask.path)
    guard image.volume.size == preparation.grid.size else {
      throw Fault(.dataError, "\(mask.path): a mask of \(image.volume.size.list) is not on the reference grid")
    }
    return image.volume.map { $0 == Float(unknownVoxel) ? unknownVoxel : $0 > 0.5 ? 1 : 0 }
  }

  private func drawn(_ mask: MaskReference, on scan: OpenedScan) throws -> (image: Image, notices: [FileNotice]) {
    if areCanonical { return (try Self.image(mask.path), []) }
    let file = try MaskFile(FilePath(mask.path))
    let brought = try scan.place.bring(file.image, isOriented: file.isOriented, from: mask.path)
    return (brought.image, file.notices + [brought.notice].compactMap(\.self))
  }

  private func place(
    _ mask: MaskReference, _ image: Image, of scan: CaseReference, _ opened: OpenedScan
  ) throws -> Volume<UInt8> {
    let placed = try preparation.placeMask(image, in: try prepare(opened))
    cache?.keep(placed, under: key(of: mask, of: scan))
    return placed
  }

  private func key(of mask: MaskReference, of scan: CaseReference) -> PreparedCache.Key {
    key(of: [scan.scan, mask.path], of: scan)
  }

  private func key(of files: [String], of scan: CaseReference) -> PreparedCache.Key {
    PreparedCache.Key(
      files: files + [scan.brain].compactMap { $0 }, settings: settings, isReleased: scan.isReleased == true,
      areCanonical: areCanonical)
  }

  static func image(_ path: String) throws -> Image { try reading(path).image }

  /// Throws `Fault` for a file that cannot be read.
  static func reading(_ path: String) throws -> NiftiReading {
    let bytes = try BoundedReader.read(FilePath(path))
    do { return try NiftiFile.read(bytes, limits: .ours) } catch { throw Fault(error, about: path) }
  }
}
