/** Static files: finds them, and says what the answer is; who asks writes it. */
@NullMarked
package sluice.proxy.files;

import org.jspecify.annotations.NullMarked;
