import Glibc

/// Groups of this machine, as its user database has them.
enum Groups {
  /// The number of the group of that name; nil where there is none.
  static func number(of name: String) -> gid_t? {
    ask { room in
      guard let start = room.baseAddress else { return (ERANGE, gid_t?.none) }
      var entry = group()
      var found: UnsafeMutablePointer<group>?
      let status = getgrnam_r(name, &entry, start, room.count, &found)
      return (status, found == nil ? nil : entry.gr_gid)
    }
  }

  /// All groups of a user, also those that no process of theirs has; none where nobody has that number.
  static func all(of user: uid_t) -> [gid_t] {
    ask { room in
      guard let start = room.baseAddress else { return (ERANGE, [gid_t]?.none) }
      var entry = passwd()
      var found: UnsafeMutablePointer<passwd>?
      let status = getpwuid_r(user, &entry, start, room.count, &found)
      // The name lies in the room, which is gone when this returns.
      guard status == 0, found != nil, let name = entry.pw_name else { return (status, nil) }
      return (status, all(of: name, and: entry.pw_gid))
    } ?? []
  }

  private static func all(of name: UnsafePointer<CChar>, and primary: gid_t) -> [gid_t] {
    var count: Int32 = 64
    while count <= 1 << 16 {
      var groups = [gid_t](repeating: 0, count: Int(count))
      var found = count
      if getgrouplist(name, primary, &groups, &found) >= 0 { return Array(groups.prefix(Int(found))) }
      count = max(2 * count, found)
    }
    return [primary]
  }

  /// Asks the user database with ever more room, until the answer fits.
  private static func ask<Answer>(
    _ question: (UnsafeMutableBufferPointer<CChar>) -> (status: Int32, answer: Answer?)
  ) -> Answer? {
    var size = 4096
    while size <= 1 << 20 {
      let (status, answer) = withUnsafeTemporaryAllocation(of: CChar.self, capacity: size) { question($0) }
      if status != ERANGE { return status == 0 ? answer : nil }
      size *= 4
    }
    return nil
  }
}

/// Who may change how the service goes, besides root and the one who runs it: the group `popcornd-admin`.
enum Administrators {
  /// The group's number, where there is one.
  static var group: gid_t? { Groups.number(of: "popcornd-admin") }

  /// Whether a user is in it, whoever they are logged in as now.
  static func include(_ user: uid_t) -> Bool {
    group.map { Groups.all(of: user).contains($0) } ?? false
  }
}
