/// The workers that train one network together: each has a part of the batch, all need the sum of the gradients.
public protocol Collective {
  /// Which of them this is, from 0.
  var rank: Int { get }
  /// How many they are.
  var size: Int { get }
  /// Replaces the values by their sum over all workers; every worker must call it.
  func sum(_ values: UnsafeMutableBufferPointer<Float>) throws
}

/// One worker, alone.
public struct Solo: Collective {
  /// One worker, alone.
  public init() {}
  /// 0.
  public var rank: Int { 0 }
  /// 1.
  public var size: Int { 1 }
  /// Nothing to add.
  public func sum(_ values: UnsafeMutableBufferPointer<Float>) {}
}
