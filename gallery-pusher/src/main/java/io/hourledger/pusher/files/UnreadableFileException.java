package io.hourledger.pusher.files;

/** A file that can't be read as a whole. The message is a sentence for a person. */
public final class UnreadableFileException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnreadableFileException(String sentence) {
        super(sentence);
    }

    UnreadableFileException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
