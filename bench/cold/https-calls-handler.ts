// Not imported: from an ES module that would load undici, which this peer is not about.
const https = process.getBuiltinModule('node:https');
const agent = new https.Agent({ keepAlive: true });

const call = (url: string): Promise<void> =>
  new Promise((resolve, reject) => {
    https.get(url, { agent }, (response) => response.resume().on('end', resolve)).on('error', reject);
  });

/** A peer: a function that calls the addresses in `PEER_URLS` one after the other, by HTTPS, and does nothing else. */
export const handler = async () => {
  for (const url of (process.env['PEER_URLS'] ?? '').split(' ')) await call(url);
  return { statusCode: 200 };
};
