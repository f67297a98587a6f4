/// Channels and voxels of one sample. Host order is PyTorch's (C, D, H, W) = (channel, z, y, x), x fastest;
/// how a device lays a tensor out in its own memory is its own business.
public struct Shape: Hashable, Sendable {
  /// Channels.
  public var channels: Int
  /// Voxels along z.
  public var depth: Int
  /// Voxels along y.
  public var height: Int
  /// Voxels along x, the fastest axis.
  public var width: Int

  /// A tensor of `channels` volumes of `depth` x `height` x `width` voxels.
  public init(channels: Int, depth: Int, height: Int, width: Int) {
    self.channels = channels
    self.depth = depth
    self.height = height
    self.width = width
  }

  /// Voxels of one channel.
  public var voxels: Int { depth * height * width }
  /// Voxels of all channels.
  public var count: Int { channels * voxels }

  /// The same voxels with another number of channels.
  public func with(channels: Int) -> Shape {
    Shape(channels: channels, depth: depth, height: height, width: width)
  }

  /// Half of every edge: what pooling leaves. Edges must be even.
  public var halved: Shape { Shape(channels: channels, depth: depth / 2, height: height / 2, width: width / 2) }
  /// Twice every edge: what upsampling makes.
  public var doubled: Shape { Shape(channels: channels, depth: depth * 2, height: height * 2, width: width * 2) }
}

/// What a device could not do, and what to do about it.
public enum EngineError: Error, Equatable, CustomStringConvertible {
  /// A size that does not fit the operation.
  case shape(String)
  /// oneDNN refused; its status code is in the text.
  case library(String)
  /// The device has no memory left for a buffer of so many bytes.
  case memory(Int)

  /// In words.
  public var description: String {
    switch self {
    case .shape(let what): "shapes do not fit: \(what)"
    case .library(let what): "oneDNN failed: \(what); `ONEDNN_VERBOSE=1` in the environment shows the call"
    case .memory(let bytes): "no memory for a tensor of \(bytes) bytes: use a smaller patch or width"
    }
  }
}
