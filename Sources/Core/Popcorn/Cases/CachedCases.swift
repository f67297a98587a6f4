import Contract
import Imaging

/// Another source's volumes and masks, the recently used kept in memory up to a number of bytes.
public final class CachedCases: CaseSource {
  private let source: any CaseSource
  private var volumes: BoundedCache<CaseKey, CaseVolume>
  private var masks: BoundedCache<MaskReference, Volume<UInt8>>

  private struct CaseKey: Hashable {
    var scan: String
    var brain: String?
  }

  /// At most `bytes` bytes of the volumes of `source`; a quarter of it is for masks.
  public init(_ source: any CaseSource, bytes: Int) {
    self.source = source
    volumes = BoundedCache(limit: bytes / 4 * 3)
    masks = BoundedCache(limit: bytes / 4)
  }

  /// The prepared scan, from memory where it is kept.
  public func volume(of scan: CaseReference) throws -> CaseVolume {
    try volumes.value(for: CaseKey(scan: scan.scan, brain: scan.brain), size: { $0.image.values.count * 5 }) {
      try source.volume(of: scan)
    }
  }

  /// The mask, from memory where it is kept.
  public func mask(_ mask: MaskReference, of scan: CaseReference) throws -> Volume<UInt8> {
    try masks.value(for: mask, size: { $0.values.count }) { try source.mask(mask, of: scan) }
  }

  /// Reads the mask again when it is next asked for.
  public func forget(_ mask: MaskReference) {
    masks.remove(mask)
    source.forget(mask)
  }
}
