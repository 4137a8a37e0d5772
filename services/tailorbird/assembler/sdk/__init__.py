"""What a site's own pages need: the browser script at /sdk/tailorbird.js. Start at `tailorbird.js`."""
