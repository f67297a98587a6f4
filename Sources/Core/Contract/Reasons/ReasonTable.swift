// The texts of all reason codes. They are read by people in a hurry: what is wrong, with the number; then what to do.

extension ReasonCode {
  /// What the code means.
  public var text: ReasonText {
    switch self {
    // Arrival
    case .incomplete:
      ReasonText(
        .wait, .info,
        "The file is not whole yet[: {have} of {need} are there].",
        "Nothing to do: it is looked at again by itself. If the copy was interrupted, copy it again.")
    case .truncated:
      ReasonText(
        .reject, .error,
        "The file ends too early and did not grow any more[: {have} of {need} are there].",
        "Copy the file again from where it came from; drop it under the same name.")
    case .emptyFile:
      ReasonText(
        .reject, .error,
        "The file is empty.",
        "Copy the file again; look whether the original has a size above zero.")
    case .vanished:
      ReasonText(
        .skip, .info,
        "The file was taken away before it was read.",
        "Nothing to do; drop it again if it was meant for us.")
    case .changedWhileRead:
      ReasonText(
        .wait, .info,
        "The file changed while it was read.",
        "Nothing to do: it is read again once it stands still.")
    case .noPermission:
      ReasonText(
        .wait, .warning,
        """
        A permission is missing: the service may not read the file, or whoever dropped it may not replace the \
        mask that is there[ (case {case})].
        """,
        "Let the group read it: chmod g+r FILE. To replace the mask of another person, ask an administrator to drop it."
      )
    case .ioError:
      ReasonText(
        .hold, .error,
        "Reading the file failed[ {tries} times][: {error}].",
        "Ask your administrator to look at the disk or the share; then drop the file again.")
    case .symlink:
      ReasonText(
        .hold, .warning,
        "This is a link, and links are not followed.",
        "Drop the file itself instead of a link to it.")
    case .annexNotFetched:
      ReasonText(
        .wait, .info,
        "This is a link of git-annex or DataLad whose content has not been fetched.",
        "Run datalad get and datalad unlock on the file; it is taken then.")
    case .pointerFile:
      ReasonText(
        .reject, .error,
        "This is a small pointer text of Git LFS or git-annex[ of {have}], not the image.",
        "Fetch the content (git lfs pull, or datalad get) and drop the image itself.")
    case .notRegular:
      ReasonText(
        .skip, .info,
        "This is no ordinary file but a pipe, socket or device.",
        "Nothing to do; drop image files only.")
    case .outOfPlace:
      ReasonText(
        .skip, .warning,
        """
        It, or something in it, lies where nothing is taken: beside unlabeled/ and labeled/ instead of in them, more than 64 \
        folders deep, or under a path of more than 4095 bytes.
        """,
        "Move it into unlabeled/ or labeled/, with fewer folders around it or shorter names.")
    case .pathEscape:
      ReasonText(
        .reject, .error,
        "A path in pairs.tsv leads out of its folder[ (line {line})].",
        "Write paths in pairs.tsv relative to the folder in which it lies, without \"..\".")
    case .ownOutput:
      ReasonText(
        .hold, .warning,
        "This is a mask that this service made.",
        "If you corrected it, drop it into labeled/; otherwise take it away.")
    case .inboxGone:
      ReasonText(
        .survive, .warning,
        "The inbox cannot be reached, or is empty where it should not be.",
        "Ask your administrator to mount the share again; nothing was taken as deleted.")
    case .inotifyOverflow:
      ReasonText(
        .survive, .warning,
        "So many files came at once that events were lost.",
        "Nothing to do: all folders are listed again.")
    case .watchLimit:
      ReasonText(
        .survive, .warning,
        "The kernel's limit of watched folders is reached[: {limit}].",
        "An administrator can raise fs.inotify.max_user_watches; until then the rest is polled.")
    case .loop:
      ReasonText(
        .survive, .error,
        "The inbox and a folder that the service writes into lie in each other.",
        "An administrator must give them separate folders in the configuration.")
    // Container and compression
    case .gzipTruncated:
      ReasonText(
        .reject, .error,
        "The compressed file ends too early[: it unpacks to {unpacked} of {need unpacked}].",
        "Copy the file again from where it came from.")
    case .gzipCRC:
      ReasonText(
        .reject, .error,
        """
        The compressed file is damaged: its checksum does not fit its content[; the damage is after {damaged \
        after}].
        """,
        """
        Make a new copy; if that fails too, the original is damaged: export it again from the scanner or the \
        archive.
        """)
    case .bomb:
      ReasonText(
        .reject, .error,
        "The file unpacks to far more than its header says[: over {allowed}].",
        "Export the image again with another tool; this file is not what it claims to be.")
    case .archive:
      ReasonText(
        .reject, .error,
        "This is an archive[ ({looks like})], not an image.",
        "Unpack it and drop the .nii or .nii.gz files that are in it.")
    case .formatUnsupported:
      ReasonText(
        .reject, .error,
        "This image format is not read here[: {looks like}].",
        """
        Convert it to NIfTI (.nii.gz): a segmentation of 3D Slicer (.seg.nrrd) by its "Export to files" as NIfTI with \
        the scan as reference volume, .mgz with mri_convert, the others with 3D Slicer.
        """)
    case .dicom:
      ReasonText(
        .reject, .error,
        "These are DICOM files[: {count} in this folder].",
        "Convert the series to NIfTI with dcm2niix and drop the .nii.gz file.")
    case .analyzeNoOrientation:
      ReasonText(
        .hold, .warning,
        "This is an Analyze 7.5 file, which does not say where left and right are.",
        """
        Convert the original images to NIfTI; or an administrator sets unknown_orientation = "assume-ras" if all \
        files are known to lie so.
        """)
    case .pairHalf:
      ReasonText(
        .hold, .warning,
        "One half of the pair .hdr and .img is missing[: {missing}][ (waited for {waited})].",
        "Drop the other file beside it, under the same name; or convert both to one .nii.gz file.")
    case .badMagic:
      ReasonText(
        .reject, .error,
        "The header is not one of NIfTI.",
        "Export the image again as NIfTI (.nii.gz).")
    case .notNifti:
      ReasonText(
        .reject, .error,
        "This is not a NIfTI image[; it looks like {looks like}].",
        """
        Open the file in a viewer to see what it is; a web page saved in place of the image is common. Then drop \
        the image itself.
        """)
    case .wrongIntent:
      ReasonText(
        .reject, .error,
        "This NIfTI file holds something else than an image of the brain[: {meaning}].",
        "Drop the FLAIR image itself, not a surface, a spectrum or a statistical map.")
    // Header and geometry
    case .badDim:
      ReasonText(
        .reject, .error,
        "The header gives sizes that cannot be[: {dim}].",
        "Export the image again; its header is damaged.")
    case .tooLarge:
      ReasonText(
        .reject, .error,
        """
        The image is too large[: {dim}, at most {allowed voxels} voxels are allowed][: {have}, at most {allowed} \
        are allowed].
        """,
        """
        Drop a whole-head FLAIR image in its usual resolution; an administrator can raise max_voxels or \
        max_file_size.
        """)
    case .is4D:
      ReasonText(
        .reject, .error,
        "This is a series of volumes[: {volumes}], not one.",
        """
        Drop the FLAIR volume alone. For a series of echoes or times take out the volume you mean, for instance \
        with fslroi.
        """)
    case .tooFewSlices:
      ReasonText(
        .reject, .error,
        "The image has too few slices[: {dim}, at least {least} are needed].",
        "Drop the whole volume, not a single slice or a survey scan.")
    case .badVoxelSize:
      ReasonText(
        .hold, .warning,
        "The size of the voxels is missing or cannot be[: {voxel mm} mm, {allowed} mm are allowed][: {pixdim}].",
        "Check it against the scanner's protocol; if it is wrong, export the image again with its voxel size.")
    case .orientationUnknown:
      ReasonText(
        .hold, .warning,
        "The header does not say how the image lies in space.",
        """
        Export the image again from DICOM with dcm2niix. If you are sure that its axes are right, front and top, \
        release it so.
        """)
    case .badOrigin:
      ReasonText(
        .hold, .warning,
        "The position of the image in space is not a number[: {origin}].",
        "Export the image again from DICOM with dcm2niix.")
    case .fieldOfView:
      ReasonText(
        .hold, .warning,
        """
        The field of view is unusual[: {field of view mm} mm, at least {least} mm are expected][: of {brain} of \
        brain only {in the grid} lie in the reference grid].
        """,
        "Check that it is a whole head in a known voxel size. If it is meant so, release it.")
    case .badOffset:
      ReasonText(
        .reject, .error,
        """
        The header points to voxels beyond the end of the file[: from byte {vox_offset} on it needs {need}, the \
        file has {have}].
        """,
        "Export the image again; its header is damaged.")
    case .personalData:
      ReasonText(
        .hold, .warning,
        "The header seems to name a person[ (in {found in})].",
        """
        Remove names and numbers from the header (an export without them, or nifti_tool) and drop the file \
        again; or release it. The text was not copied.
        """)
    // Voxels
    case .colourImage:
      ReasonText(
        .reject, .error,
        "This is a colour picture, not a grey image.",
        "Drop the original FLAIR image, not a screenshot or a fused map.")
    case .datatype:
      ReasonText(
        .reject, .error,
        "The voxels have a type that is not read here[: {datatype}].",
        "Export the image with whole or floating numbers, for instance as float32.")
    case .badBitpix:
      ReasonText(
        .reject, .error,
        "Type and size of the voxels contradict each other[: {datatype} with {bitpix} bits].",
        "Export the image again; its header is damaged.")
    case .valueRange:
      ReasonText(
        .hold, .warning,
        "The values of the image are out of any usual range[: {voxels beyond 1e15} voxels are beyond 1e15].",
        "Check scaling (slope and intercept) of the export, and export the image again.")
    case .nan:
      ReasonText(
        .reject, .error,
        "Too many voxels are not numbers[: {not finite} of the image, {allowed} are allowed].",
        "Export the image again; a failed processing step usually leaves such voxels.")
    case .constant:
      ReasonText(
        .reject, .error,
        "All voxels have the same value[: {every voxel}].",
        "The image is empty: export it again.")
    case .notFLAIR:
      ReasonText(
        .hold, .warning,
        "This does not seem to be a FLAIR image[: {contrast}].",
        "Drop the FLAIR image of the examination. If it is one, give it a name with FLAIR in it or release it.")
    case .noBrain:
      ReasonText(
        .hold, .warning,
        """
        No brain was found in the image[: {brain}, at least {least} are expected][: {not zero} of the image is \
        not zero, so the skull is still in it].
        """,
        "Drop a brain mask beside it (NAME_brainmask.nii.gz), or a skull-stripped image.")
    // Labels and pairing
    case .waitingPair:
      ReasonText(
        .wait, .info,
        "It waits for its partner: a mask for its scan, or a labeled scan for its mask.",
        "Drop the other file too; NAME_FLAIR.nii.gz and NAME_mask.nii.gz belong together.")
    case .pairAmbiguous:
      ReasonText(
        .hold, .warning,
        "More than one file could belong to it[: {candidates}].",
        "Say which belong together in a pairs.tsv (columns image and label), or rename the files.")
    case .pairTimeout:
      ReasonText(
        .hold, .warning,
        "Its partner has not come[ for {waited}].",
        "Drop the other file. If it is a scan without mask, move it into inbox/release/: it is taken as unlabeled.")
    case .labelShape:
      ReasonText(
        .reject, .error,
        "The mask has another size than its scan[: {mask}, the scan has {scan}][: {label}, the scan has {scan}].",
        "Save the mask on the grid of the very scan that was dropped.")
    case .labelGeometry:
      ReasonText(
        .hold, .warning,
        "The mask does not lie where its scan lies[: {distance} apart].",
        "Save the mask again in the geometry of the scan. If a viewer shows both right, release it.")
    case .labelSoft:
      ReasonText(
        .hold, .warning,
        "The mask holds values between 0 and 1[: {values}].",
        "Save it as a mask of 0 and 1 (nearest neighbour when resampling).")
    case .labelMulticlass:
      ReasonText(
        .hold, .warning,
        "The mask holds values of which is not known whether they stand for lesion[: {values}].",
        "Save the lesions alone as 1; or an administrator names the lesion values in lesion_values.")
    case .labelLooksLikeImage:
      ReasonText(
        .hold, .warning,
        "What was dropped as a mask is the image itself[: correlation {correlation}].",
        "Drop the lesion mask; the file was probably mixed up.")
    case .swapped:
      ReasonText(
        .hold, .warning,
        "Scan and mask seem to be swapped.",
        "Give each file the other's name and drop both again.")
    case .labelEmpty:
      ReasonText(
        .hold, .warning,
        "The mask holds no lesion.",
        "If the patient has none, release it; otherwise save the mask again.")
    case .labelTooLarge:
      ReasonText(
        .hold, .warning,
        "The mask covers too much of the head[: {share of the grid} of the image, {most} is the limit].",
        "Check that it is the lesion mask and not a brain mask or an inverted one.")
    case .labelDisagrees:
      ReasonText(
        .hold, .warning,
        "The mask has almost nothing in common with the other one of its scan[, case {case}][: Dice {dice}].",
        """
        Look at both over the scan: left and right may be flipped, or the mask belongs to another scan. If it is \
        right, release it; if it is another scan's, drop that scan under its name: the mask is taken then.
        """)
    case .unedited:
      ReasonText(
        .hold, .warning,
        "The mask is the automatic mask, not changed in any voxel.",
        "If you checked it and agree, release it: it then counts as an expert's mask.")
    // Identity
    case .duplicate:
      ReasonText(
        .duplicate, .info,
        "This image is here already[ as {case}].",
        "Nothing to do; its mask is in the outbox, or comes there.")
    case .sameVoxelsOtherGeometry:
      ReasonText(
        .hold, .warning,
        "The same image is here already[ as {case}], but lies elsewhere in space.",
        "Find out which of the two is right; release the one that is.")
    case .withdrawn:
      ReasonText(
        .reject, .error,
        "This image was withdrawn and is not taken again.",
        "Ask the person who is responsible for the study.")
    // Work
    case .workerCrashed:
      ReasonText(
        .hold, .error,
        "Processing the image failed more than once[: {error}].",
        "Tell your administrator its label: popcornctl explain shows what happened. The image itself is safe.")
    case .workerDeadline:
      ReasonText(
        .hold, .error,
        "Processing the image took too long[: over {limit}].",
        "Check that it is one whole-head volume; an administrator can raise admit_timeout (reading) or draft_timeout.")
    case .memory:
      ReasonText(
        .hold, .warning,
        "The image needs more memory than there is[: {need}, {allowed} are allowed].",
        "An administrator can raise memory_budget; or drop the image in its usual resolution.")
    case .trainDiverged:
      ReasonText(
        .survive, .error,
        "Training diverged[ at step {step}] and was taken back.",
        """
        Nothing to do: the current model stays. The journal names the cases of the last batch; look at their \
        masks.
        """)
    case .trainCollapsed:
      ReasonText(
        .survive, .error,
        "Training fell into marking nothing[ at step {step}] and was taken back.",
        "Nothing to do: the current model stays. More expert masks with lesions help.")
    case .gateRefused:
      ReasonText(
        .survive, .error,
        "The new model is worse on the held-out subjects[: mean Dice {after}, it was {before}].",
        "Nothing to do: the current model stays. The journal has the Dice of every held-out subject.")
    case .checkpointUnreadable:
      ReasonText(
        .survive, .error,
        "Nothing can go on from the checkpoint of a training cycle[: {error}].",
        """
        Nothing to do: another cycle begins in its place. After an upgrade this is no fault; otherwise an administrator \
        should check the disk.
        """)
    case .modelDamaged:
      ReasonText(
        .survive, .critical,
        "The file of a model is damaged[: {error}].",
        "An administrator should check the disk and restore the state from the backup; the model before is used.")
    case .diskFull:
      ReasonText(
        .survive, .critical,
        "The disk is full[: {free} are left, {limit} are kept free].",
        "An administrator must make space; everything goes on by itself then.")
    }
  }

  /// What becomes of what it is about.
  public var outcome: ReasonText.Outcome { text.outcome }
  /// How urgent a record of it is.
  public var priority: JournalPriority { text.priority }
  /// What was found, with its numbers.
  public func explanation(with numbers: [Verdict.Number] = []) -> String { text.explanation(with: numbers) }
  /// What to do.
  public var remedy: String { text.remedy }
}
