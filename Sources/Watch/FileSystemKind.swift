import Files

/// Whether writes by other hosts go unseen on a file system.
public enum FileSystemKind: Sendable {
  /// All who write are on this host; inotify tells of them.
  case local
  /// Others may write: no events, polling, longer settling.
  case remote

  /// The kind of file system that holds an open directory (statfs(2)). What is not known is remote: that is only
  /// slower.
  public init(of directory: Directory) {
    self = directory.fileSystemMagic.map(FileSystemKind.local) == true ? .local : .remote
  }

  /// Magic numbers as in statfs(2) and linux/magic.h.
  static func local(_ magic: UInt32) -> Bool {
    switch magic {
    case 0xEF53,  // ext2, ext3, ext4
      0x5846_5342,  // XFS
      0x9123_683E,  // Btrfs
      0x0102_1994,  // tmpfs
      0x8584_58F6,  // ramfs
      0x2FC1_2FC1,  // ZFS
      0xF2F5_2010,  // F2FS
      0xCA45_1A4E,  // bcachefs
      0x3153_464A,  // JFS
      0x5265_4973,  // ReiserFS
      0x794C_7630,  // overlayfs
      0x4D44,  // FAT
      0x2011_BAB0,  // exFAT
      0x7366_746E,  // NTFS (ntfs3)
      0x482B, 0x4244,  // HFS+, HFS
      0x1501_3346,  // UDF
      0x9660:  // ISO 9660
      true
    default: false
    }
  }
}
