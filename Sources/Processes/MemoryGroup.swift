import Contract
import Files
import Glibc
import SystemPackage

/// The control group of this process, as far as it is about memory.
public enum MemoryGroup {
  /// How often the kernel has killed a process of the group for memory; nil where no control group tells (then no kill
  /// is ever held against a case).
  public static func kills() -> Int? {
    places().lazy.compactMap { place in
      kills(in: text(place.folder.appending(place.isUnified ? "memory.events" : "memory.oom_control")))
    }.first
  }

  /// The least limit, bytes, of the group and those around it; nil where there is none.
  public static func limit() -> Int? {
    places().flatMap { place in
      place.withParents.compactMap { folder in
        limit(in: text(folder.appending(place.isUnified ? "memory.max" : "memory.limit_in_bytes")))
      }
    }.min()
  }

  /// The figure after `oom_kill` in `memory.events` (version 2) or `memory.oom_control` (version 1).
  static func kills(in text: String?) -> Int? {
    for line in text?.split(separator: "\n") ?? [] {
      let words = line.split(separator: " ")
      if words.count == 2, words[0] == "oom_kill" { return Int(words[1]) }
    }
    return nil
  }

  /// The figure in `memory.max` (version 2; `max` is none) or `memory.limit_in_bytes` (version 1; none is the largest
  /// whole number of pages).
  static func limit(in text: String?) -> Int? {
    guard let figure = text?.split(whereSeparator: \.isWhitespace).first.flatMap({ Int($0) }), figure < 1 << 60 else {
      return nil
    }
    return figure
  }

  private struct Place {
    let folder: FilePath
    let root: FilePath
    let isUnified: Bool

    /// The group's folder and those around it, up to the mount.
    var withParents: [FilePath] {
      var folders = [folder]
      while let last = folders.last, last != root, last.starts(with: root) {
        folders.append(last.removingLastComponent())
      }
      return folders
    }
  }

  private static func places() -> [Place] {
    var places: [Place] = []
    for line in text("/proc/self/cgroup")?.split(separator: "\n") ?? [] {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let group = String(parts[2].drop { $0 == "/" })
      let isUnified = parts[0] == "0"
      guard isUnified || parts[1].split(separator: ",").contains("memory") else { continue }
      let root: FilePath = isUnified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory"
      places.append(Place(folder: root.appending(group), root: root, isUnified: isUnified))
    }
    return places
  }

  private static func text(_ path: FilePath) -> String? {
    (try? BoundedReader.read(path, limit: 1 << 16)).map { String(decoding: $0, as: UTF8.self) }
  }
}

extension MemoryBudget {
  /// What it comes to here: a share is of the control group's limit, or of the machine's memory where that is less.
  public var bytesHere: Int {
    switch self {
    case .bytes(let bytes): return bytes
    case .share(let share):
      let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
      return max(1 << 28, Int(share * Double(min(machine, MemoryGroup.limit() ?? machine))))
    }
  }
}
