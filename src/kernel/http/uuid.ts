export const UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The UUID in lower case, as it is stored (streams are named by it); undefined when the text is no UUID. */
export function uuidOf(text: string | undefined): string | undefined {
  const id = text?.toLowerCase();
  return id !== undefined && UUID_PATTERN.test(id) ? id : undefined;
}
