import Contract
import SystemPackage

/// What lies in one folder under names of images and is no file to take: links, pipes, sockets, devices.
public struct Strays: Sendable, Equatable {
  /// More than these are not listed by name.
  public static let mostNamed = 8

  /// The first of them, and why each is not taken.
  public private(set) var named: [FilePath: ReasonCode] = [:]
  /// How many there are, by reason.
  public private(set) var counts: [ReasonCode: Int] = [:]

  /// How many there are.
  public var count: Int { counts.values.reduce(0, +) }

  mutating func add(_ path: FilePath, _ reason: ReasonCode) {
    counts[reason, default: 0] += 1
    if named.count < Self.mostNamed { named[path] = reason }
  }
}
