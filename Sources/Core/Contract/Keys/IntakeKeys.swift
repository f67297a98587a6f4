/// `[inbox]`: where files are dropped and how they are noticed.
public struct InboxKeys: Sendable {
  /// The inboxes.
  public let path = ConfigurationKey(
    "inbox", "path", .paths, default: ["/srv/popcornd/inbox"], .restart,
    "The folders in which scans are dropped, each with unlabeled/, labeled/ and release/ in it. One outside of /srv/popcornd must be writable for popcornd and named by ReadWritePaths= of its unit (systemctl edit)."
  )
  /// How arrivals are noticed.
  public let watch = ConfigurationKey(
    "inbox", "watch", .word, default: WatchMode.auto, .restart,
    "How arrivals are noticed: auto listens to the kernel's events on local disks and polls network mounts; inotify trusts the events there too; poll lists alone."
  )
  /// How often a polled folder is listed.
  public let poll = ConfigurationKey(
    "inbox", "poll", .duration(.seconds(1)...hour), default: .seconds(15),
    "How often a folder is listed where events cannot be had.")
  /// How often everything is listed.
  public let rescan = ConfigurationKey(
    "inbox", "rescan", .duration(.seconds(1)...day), default: .seconds(300),
    "How often every folder is listed whatever the events said: events are hints, the listing is the truth.")
  /// How long a file must stand still.
  public let settle = ConfigurationKey(
    "inbox", "settle", .duration(.milliseconds(100)...hour), default: .seconds(2),
    "How long size and time of a file must stand still before it is read.")
  /// How long a file on a network mount must stand still.
  public let settleNetwork = ConfigurationKey(
    "inbox", "settle_network", .duration(.milliseconds(100)...hour), default: .seconds(10),
    "The same on a network file system.")
  /// How long an incomplete file is waited for.
  public let incompleteTimeout = ConfigurationKey(
    "inbox", "incomplete_timeout", .duration(.seconds(1)...(day * 30)), default: hour,
    "How long the rest of an incomplete file is waited for before it is rejected as truncated.")
  /// How long a scan or a mask waits for its partner.
  public let pairTimeout = ConfigurationKey(
    "inbox", "pair_timeout", .duration(.seconds(1)...(day * 366)), default: day,
    "How long a mask waits for its scan, or a labeled scan for its mask.")
  /// What becomes of a labeled scan without mask after that time.
  public let unpairedScan = ConfigurationKey(
    "inbox", "unpaired_scan", .word, default: UnpairedScan.hold,
    "What becomes of a scan in labeled/ whose mask has not come by then: hold it, or queue it as unlabeled.")
  /// What becomes of an accepted file.
  public let afterAccept = ConfigurationKey(
    "inbox", "after_accept", .word, default: AfterAccept.move,
    "move: an accepted file is renamed into done/. keep: it stays. Files in BIDS or DataLad trees and on network mounts stay in any case."
  )
  /// Names to ignore.
  public let ignore = ConfigurationKey(
    "inbox", "ignore", .texts, default: [],
    "File name patterns (*, ?) to ignore besides the built-in ones (temporary, hidden and system files).")
  /// How a subject is read from a name.
  public let subjectPattern = ConfigurationKey(
    "inbox", "subject_pattern", .text, default: "", .study,
    "How the subject is read from a file's name where neither BIDS nor pairs.tsv says it: a pattern with {subject} in it, such as \"{subject}_*\". Empty, or where it does not fit: the name without its time point, or the folder where the name says no more than flair."
  )
  /// Whether a marker file is expected.
  public let requireMarker = ConfigurationKey(
    "inbox", "require_marker", .boolean, default: false,
    "Whether an inbox is used only while the file .popcornd-inbox lies in it: guards against an empty mount point.")

  init() {}
}

/// `[accept]`: what a file must be to be taken.
public struct AcceptKeys: Sendable {
  /// The largest file.
  public let maxFileSize = ConfigurationKey(
    "accept", "max_file_size", .size((1 << 20)...(1 << 40)), default: 4 << 30, "The largest file that is read.")
  /// The most voxels.
  public let maxVoxels = ConfigurationKey(
    "accept", "max_voxels", .count(1000...8_000_000_000), default: 512_000_000,
    "The most voxels a scan may have; checked in the header, before anything is decoded.")
  /// The smallest voxel edge.
  public let minVoxelMm = ConfigurationKey(
    "accept", "min_voxel_mm", .real(0.01...10), default: 0.3, "The smallest voxel edge in mm.")
  /// The largest voxel edge.
  public let maxVoxelMm = ConfigurationKey(
    "accept", "max_voxel_mm", .real(0.1...50), default: 8, "The largest voxel edge in mm.")
  /// The smallest field of view.
  public let minFovMm = ConfigurationKey(
    "accept", "min_fov_mm", .real(1...500), default: 80, "The smallest field of view along any axis, in mm.")
  /// What becomes of a scan that does not say how it lies.
  public let unknownOrientation = ConfigurationKey(
    "accept", "unknown_orientation", .word, default: UnknownOrientation.hold,
    "What becomes of a scan whose header does not say how it lies.")
  /// What becomes of an empty expert mask.
  public let emptyLabels = ConfigurationKey(
    "accept", "empty_labels", .word, default: EmptyLabels.hold,
    "What becomes of an expert mask without any lesion: hold it, or accept that the subject has none.")
  /// Which values of a mask are lesion.
  public let lesionValues = ConfigurationKey(
    "accept", "lesion_values", .integers(1...65_535), default: [],
    "Which values of an expert mask are lesion; its other values are not, and a mask with none of them but others is held. Empty: a mask with one value besides 0 is taken, others are held."
  )
  /// The difference of grids that is none.
  public let geometryToleranceMm = ConfigurationKey(
    "accept", "geometry_tolerance_mm", .real(0...10), default: 0.01,
    "By how many mm the grids of a mask and its scan may differ without a word.")
  /// The difference of grids from which a mask is held.
  public let geometryWarnMm = ConfigurationKey(
    "accept", "geometry_warn_mm", .real(0...10), default: 0.5,
    "By how many mm they may differ with a warning; beyond, the mask is held.")
  /// What becomes of a file that seems to name a person.
  public let personalData = ConfigurationKey(
    "accept", "personal_data", .word, default: PersonalData.hold,
    "What becomes of a file whose header seems to name a person. The text is never copied or logged.")
  /// What becomes of a scan of unknown contrast.
  public let assumeFLAIR = ConfigurationKey(
    "accept", "assume_flair", .word, default: AssumeFLAIR.warn,
    "What becomes of a scan of which neither name nor sidecar tells the contrast: take it as FLAIR with a warning, or hold it."
  )

  init() {}
}

private let hour = Duration.seconds(3600)
private let day = Duration.seconds(86_400)
