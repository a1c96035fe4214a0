process.stdout.write('chronocart projections\n');
