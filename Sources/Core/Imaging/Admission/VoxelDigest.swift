import Files

// The identity of an image's content, whatever file it comes in.

extension Volume<Float> {
  /// SHA-256 over nx, ny, nz (little-endian, 64 bits each) and the voxels (little-endian Float32), x fastest.
  public var voxelDigest: Digest {
    var running = RunningDigest()
    for extent in size.list {
      withUnsafeBytes(of: UInt64(extent).littleEndian) { running.update($0) }
    }
    values.withUnsafeBytes { running.update($0) }
    return running.finish()
  }
}

extension Volume<UInt8> {
  /// The same over the voxels as floats: a mask that a viewer saved with another type keeps it.
  public var voxelDigest: Digest { floats.voxelDigest }
}
